using System.Collections.Immutable;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>For whom diagnostics are written: a person, an editor or build system that looks for `file(line,column): error`, a
/// program.</summary>
public enum DiagnosticFormat
{
    Human,
    MsBuild,
    Json,
}

/// <summary>Diagnostics as text. Nothing is printed here.</summary>
public static class DiagnosticText
{
    /// <summary>All diagnostics of a bag, in the order of files and places.</summary>
    /// <param name="colour">ANSI colours, for a person only.</param>
    /// <param name="width">Columns of the terminal; longer source lines are cut around the place that matters.</param>
    public static string Of(DiagnosticBag diagnostics, DiagnosticFormat format, bool colour = false, int width = 120) =>
        Of(diagnostics.ToSorted(), diagnostics.Suppressed, format, colour, width);

    /// <summary>Diagnostics that are in order already.</summary>
    /// <param name="suppressed">How many more there were.</param>
    public static string Of(
        ImmutableArray<Diagnostic> sorted,
        int suppressed,
        DiagnosticFormat format,
        bool colour = false,
        int width = 120
    ) =>
        format switch
        {
            DiagnosticFormat.MsBuild => MsBuildText.Of(sorted),
            DiagnosticFormat.Json => JsonDiagnostics.Of(sorted),
            _ => Human(sorted, suppressed, colour, width),
        };

    /// <summary>"2 errors, 1 warning"; empty where there is neither.</summary>
    public static string Summary(IEnumerable<Diagnostic> diagnostics, int suppressed = 0)
    {
        var counts = diagnostics.CountBy(d => d.Severity).ToDictionary(c => c.Key, c => c.Value);
        var parts = new List<string>();
        foreach (var (severity, word) in ((Severity, string)[])[(Severity.Error, "error"), (Severity.Warning, "warning")])
        {
            if (counts.TryGetValue(severity, out var count))
                parts.Add($"{count} {word}{(count == 1 ? "" : "s")}");
        }
        return string.Join(", ", parts) + (suppressed == 0 ? "" : $" ({suppressed} more not shown)");
    }

    static string Human(ImmutableArray<Diagnostic> diagnostics, int suppressed, bool colour, int width)
    {
        if (diagnostics.IsEmpty)
            return "";
        var text = new HumanText(colour, width);
        foreach (var diagnostic in diagnostics)
            text.Add(diagnostic);
        return text + Summary(diagnostics, suppressed) + "\n";
    }
}
