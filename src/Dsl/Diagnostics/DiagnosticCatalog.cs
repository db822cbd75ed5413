using System.Collections.Immutable;
using System.Reflection;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>
/// What each diagnostic means: the files docs/diagnostics/CODE.md, which the assembly carries. Each has a title line
/// `# CODE: title`, what it means, a wrong example under `## Wrong` and a corrected one under `## Right`. </summary>
public static class DiagnosticCatalog
{
    const string Folder = "diagnostics/";
    const string Extension = ".md";

    static readonly Assembly Home = typeof(DiagnosticCatalog).Assembly;

    /// <summary>All codes, in order.</summary>
    public static ImmutableArray<string> Codes { get; } =
    [
        .. Home.GetManifestResourceNames()
            .Where(n => n.StartsWith(Folder, StringComparison.Ordinal) && n.EndsWith(Extension, StringComparison.Ordinal))
            .Select(n => n[Folder.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The explanation of a code, in Markdown; null where there is no such code. `mtl1001` and `1001` mean
    /// MTL1001.</summary>
    public static string? Explain(string code)
    {
        var full = code.Trim().ToUpperInvariant();
        full = full.StartsWith("MTL", StringComparison.Ordinal) ? full : "MTL" + full;
        using var stream = Home.GetManifestResourceStream(Folder + full + Extension);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
