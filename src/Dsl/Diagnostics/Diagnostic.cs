using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Diagnostics;

public enum Severity
{
    Error,
    Warning,
}

/// <summary>One thing wrong with a program: what, where, why, and what to type instead.</summary>
/// <param name="Code">MTL1xxx syntax, 2xxx names and kinds, 3xxx shapes, 4xxx lints, 5xxx back ends, 6xxx data and
/// training.</param>
/// <param name="Message">What happened, in the user's words, without a full stop.</param>
/// <param name="Span">The piece of text that is underlined.</param>
/// <param name="Label">Said beside the underline: what was expected, or "did you mean 'x'?".</param>
/// <param name="Notes">Other places and facts that explain it, in order.</param>
/// <param name="Help">What to type instead, where that can be said.</param>
public sealed record Diagnostic(
    string Code,
    Severity Severity,
    string Message,
    SourceSpan Span,
    string? Label = null,
    ImmutableArray<DiagnosticNote> Notes = default,
    string? Help = null
)
{
    public ImmutableArray<DiagnosticNote> Notes { get; init; } = Notes.IsDefault ? [] : Notes;
}

/// <summary>A remark that belongs to a diagnostic, at another place where there is one.</summary>
public sealed record DiagnosticNote(string Message, SourceSpan? Span = null);
