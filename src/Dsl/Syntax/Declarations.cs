using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Syntax;

/// <summary>What stands at the top level of a file.</summary>
public abstract record DeclarationSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary>`import "file"`; <paramref name="File"/> is the string without its quotes.</summary>
public sealed record ImportSyntax(string File, SourceSpan FileSpan, SourceSpan Span) : DeclarationSyntax(Span);

/// <summary>`set path = value`.</summary>
public sealed record SetSyntax(PathSyntax Path, ExpressionSyntax Value, SourceSpan Span) : DeclarationSyntax(Span);

/// <summary>`let name = expression`, of a file.</summary>
public sealed record FileLetSyntax(LetSyntax Let) : DeclarationSyntax(Let.Span);

/// <summary>`model name { statements }`.</summary>
public sealed record ModelSyntax(NameSyntax Name, ImmutableArray<StatementSyntax> Statements, SourceSpan Span)
    : DeclarationSyntax(Span);

/// <summary>`component name(parameters) { lets; return expression }`.</summary>
public sealed record ComponentSyntax(
    NameSyntax Name,
    ImmutableArray<ParameterSyntax> Parameters,
    ImmutableArray<LetSyntax> Lets,
    ExpressionSyntax Result,
    SourceSpan Span
) : DeclarationSyntax(Span);

/// <summary>A component's parameter, with its default where it has one.</summary>
public sealed record ParameterSyntax(NameSyntax Name, ExpressionSyntax? Default, SourceSpan Span) : SyntaxNode(Span);

/// <summary>`data { ... }` or `train { ... }`.</summary>
public sealed record RecipeSyntax(RecipeKind Kind, SettingsSyntax Settings, SourceSpan Span) : DeclarationSyntax(Span);

public enum RecipeKind
{
    Data,
    Train,
}

/// <summary>`sweep name { axes  stop: halving(...) }`.</summary>
/// <param name="Stops">The lines that say when points stop early; more than one is a mistake.</param>
public sealed record SweepSyntax(
    NameSyntax Name,
    ImmutableArray<AxisSyntax> Axes,
    ImmutableArray<SweptSyntax> Stops,
    SourceSpan Span
) : DeclarationSyntax(Span);

/// <summary>`report name { tables and figures }`.</summary>
public sealed record ReportSyntax(NameSyntax Name, SettingsSyntax Settings, SourceSpan Span) : DeclarationSyntax(Span);

/// <summary>`path: list with path: list`: the lists of one axis vary together.</summary>
public sealed record AxisSyntax(ImmutableArray<SweptSyntax> Paired, SourceSpan Span) : SyntaxNode(Span);

/// <summary>One path of an axis and its values: a list, or a call such as `log_uniform(1e-5, 1e-2, count: 8)`.</summary>
public sealed record SweptSyntax(PathSyntax Path, ExpressionSyntax Values, SourceSpan Span) : SyntaxNode(Span);

/// <summary>`let name = expression`, in a file, a model or a component.</summary>
public sealed record LetSyntax(NameSyntax Name, ExpressionSyntax Value, SourceSpan Span) : SyntaxNode(Span);
