using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>Collects what the phases find. The same code is reported once a place.</summary>
public sealed class DiagnosticBag
{
    /// <summary>More errors than this help nobody; the rest is counted.</summary>
    public const int Limit = 100;

    readonly List<Diagnostic> diagnostics = [];
    readonly HashSet<(string, SourceText, int, int, string)> seen = [];

    public bool HasErrors { get; private set; }

    public int Suppressed { get; private set; }

    public int Count => diagnostics.Count;

    public void Add(Diagnostic diagnostic)
    {
        var span = diagnostic.Span;
        if (!seen.Add((diagnostic.Code, span.Source, span.Start, span.Length, diagnostic.Message)))
            return;
        HasErrors |= diagnostic.Severity == Severity.Error;
        if (diagnostics.Count < Limit)
            diagnostics.Add(diagnostic);
        else
            Suppressed++;
    }

    /// <summary>In the order of files as first met, then of places in the file.</summary>
    public ImmutableArray<Diagnostic> ToSorted()
    {
        var files = new Dictionary<SourceText, int>(ReferenceEqualityComparer.Instance);
        foreach (var diagnostic in diagnostics)
            files.TryAdd(diagnostic.Span.Source, files.Count);
        return
        [
            .. diagnostics
                .OrderBy(d => files[d.Span.Source])
                .ThenBy(d => d.Span.Start)
                .ThenBy(d => d.Code, StringComparer.Ordinal),
        ];
    }
}
