namespace Mtlc.Runtime.SelfTest;

/// <summary>Something that may make a wrong library right.</summary>
/// <param name="Name">"onednn-off"</param>
/// <param name="What">What it does, for the user: "oneDNN is switched off (right, slower)".</param>
/// <param name="TryApply">Applies it; false where that cannot be done here, or is forbidden.</param>
public sealed record Cure(string Name, string What, Func<bool> TryApply);
