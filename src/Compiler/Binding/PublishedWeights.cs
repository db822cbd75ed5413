using System.Collections.Immutable;

namespace Mtlc.Compiler.Binding;

/// <summary>Weights that are published for a component of the library, as `Std/imagenet.txt` lists them beside the
/// components.</summary>
/// <param name="Component">The backbone in the language.</param>
/// <param name="File">The file that is served.</param>
/// <param name="Older">Files with the same numbers that were served before.</param>
public sealed record PublishedWeights(string Component, string File, ImmutableArray<string> Older)
{
    static readonly Lazy<ImmutableArray<PublishedWeights>> Read = new(() =>
        [
            .. StandardLibrary
                .Resource("std/imagenet.txt")
                .Split('\n')
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(line => line.Split(' '))
                .Select(words => new PublishedWeights(words[0], words[1], [.. words[2..]])),
        ]
    );

    public static ImmutableArray<PublishedWeights> All => Read.Value;

    /// <summary>Names of all components that have some.</summary>
    public static IEnumerable<string> Components => All.Select(w => w.Component);
}
