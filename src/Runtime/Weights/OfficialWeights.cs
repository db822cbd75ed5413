using System.Collections.Immutable;
using Mtlc.Compiler.Binding;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// torchvision's ImageNet classifiers whose encoders the library has. A file's name ends with the first eight hexadecimal digits
/// of its SHA-256, which is how torchvision checks it too. </summary>
/// <param name="Component">The backbone in the language.</param>
/// <param name="File">The file at <see cref="Address"/>.</param>
/// <param name="Older">Files with the same numbers that torchvision served before.</param>
public sealed record OfficialWeights(string Component, string File, ImmutableArray<string> Older)
{
    public static ImmutableArray<OfficialWeights> All { get; } =
    [.. PublishedWeights.All.Select(w => new OfficialWeights(w.Component, w.File, w.Older))];

    public string Address => $"https://download.pytorch.org/models/{File}";

    /// <summary>The file and the older ones, in the order in which they are preferred.</summary>
    public IEnumerable<string> Files => [File, .. Older];

    public static OfficialWeights? Find(string component) => All.FirstOrDefault(w => w.Component == component);

    /// <summary>The digits at the end of a file's name with which its SHA-256 must start.</summary>
    public static string DigestPrefix(string file) =>
        Path.GetFileNameWithoutExtension(file) is var stem ? stem[(stem.LastIndexOf('-') + 1)..] : "";
}
