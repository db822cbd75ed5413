using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Views;

/// <summary>A snapshot that is not what the program makes now.</summary>
/// <param name="Structure">What changed in the graph, and what it costs; empty for what is no training graph.</param>
public sealed record SnapshotDifference(ImmutableArray<string> Structure)
{
    /// <returns>null where the texts are equal, whatever their line breaks and the empty lines at their end.</returns>
    public static SnapshotDifference? Between(SnapshotPart part, string verified, string received, ImageSize size) =>
        Normalized(verified) == Normalized(received)
            ? null
            : new(part == SnapshotPart.Train ? DumpDifference.Between(verified, received, size) : []);

    /// <summary>As Verify compares: without a byte order mark, with line feeds, without line feeds at the end.</summary>
    public static string Normalized(string text) => text.TrimStart('\uFEFF').ReplaceLineEndings("\n").TrimEnd('\n');
}
