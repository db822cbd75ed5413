using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

// Sweeps, reports and settings from outside.
public static partial class BindingErrors
{
    public static void CannotSet(
        this DiagnosticBag bag,
        SourceSpan span,
        string path,
        string reason,
        string? label,
        IEnumerable<string>? known = null
    ) => Error(bag, "MTL2024", $"cannot set {path}: {reason}", span, label, help: known is null ? null : There("names", known));

    public static void BadSweep(
        this DiagnosticBag bag,
        SourceSpan span,
        string message,
        string? label,
        SourceSpan? other = null
    ) => Error(bag, "MTL2026", message, span, label, other is null ? [] : [new("paired with this one", other)]);

    public static void SweptTwice(this DiagnosticBag bag, SourceSpan span, string path, SourceSpan replaced) =>
        Error(
            bag,
            "MTL2050",
            $"the sweep varies {path}, and this replaces its values",
            span,
            "given here",
            [new("and varied here", replaced)]
        );

    public static void NoSweep(this DiagnosticBag bag, SourceSpan span, string? name, IReadOnlyCollection<string> sweeps) =>
        Error(
            bag,
            "MTL2040",
            name is null
                ? sweeps.Count == 0
                    ? "the program declares no sweep"
                    : "the program declares several sweeps"
                : $"no sweep '{name}'",
            span,
            name is null ? null : Meant(name, sweeps),
            help: sweeps.Count == 0
                ? "write sweep NAME { PATH: [VALUE, VALUE] }"
                : $"choose one with --sweep: {string.Join(", ", sweeps)}"
        );

    public static void NoReport(this DiagnosticBag bag, SourceSpan span) =>
        Error(
            bag,
            "MTL2042",
            "the file declares no report",
            span,
            null,
            help: "write report NAME { NAME: table { runs: [\"FILE\"] } }"
        );

    public static void BadReport(
        this DiagnosticBag bag,
        SourceSpan span,
        string message,
        string? label,
        SourceSpan? other = null
    ) => Error(bag, "MTL2042", message, span, label, other is null ? [] : [new("found here", other)]);
}
