using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>An argument, evaluated.</summary>
/// <param name="NameSpan">Of a named argument, its name.</param>
/// <param name="Written">The user's expression, in a call that the user wrote.</param>
/// <param name="Origin">What the user wrote for it, where it was handed on from a parameter.</param>
public sealed record Argument(
    string? Name,
    Value Value,
    SourceSpan Span,
    ExpressionSyntax? Written = null,
    Origin? Origin = null,
    SourceSpan? NameSpan = null
);
