namespace Mtlc.Runtime.Files;

/// <summary>A run directory or a checkpoint that cannot be used or written; the message says what to do.</summary>
public sealed class RunException : IOException
{
    public RunException(string message)
        : base(message) { }

    public RunException(string message, Exception? inner)
        : base(message, inner) { }

    /// <summary>Nothing is damaged, but this version of mtlc cannot read it.</summary>
    internal bool IsFromNewerVersion { get; init; }
}
