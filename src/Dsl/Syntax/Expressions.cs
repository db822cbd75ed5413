using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Syntax;

public abstract record ExpressionSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary>A number; <paramref name="Text"/> is how it was written, <paramref name="IsInteger"/> whether without point or
/// exponent.</summary>
public sealed record NumberSyntax(double Value, bool IsInteger, string Text, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>`256x512`: height by width.</summary>
public sealed record SizeSyntax(int Height, int Width, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>`0.1x`: times what is said elsewhere. <paramref name="Text"/> is how it was written.</summary>
public sealed record FactorSyntax(double Value, string Text, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>`until layer3`, `until blocks[5]`: a part of an encoder that ends with a feature.</summary>
/// <param name="Places">Numbers in brackets behind the name.</param>
public sealed record UntilSyntax(NameSyntax Name, ImmutableArray<ExpressionSyntax> Places, SourceSpan Span)
    : ExpressionSyntax(Span);

/// <summary>`except norms and biases`.</summary>
public sealed record ExceptSyntax(ImmutableArray<NameSyntax> Words, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>A string without its quotes.</summary>
public sealed record StringSyntax(string Value, SourceSpan Span) : ExpressionSyntax(Span);

public sealed record BooleanSyntax(bool Value, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>A name that is not called: a value, a statement, a component passed on, or a word such as `imagenet`; binding
/// tells.</summary>
public sealed record ReferenceSyntax(NameSyntax Name) : ExpressionSyntax(Name.Span);

/// <summary>`name(arguments)`.</summary>
public sealed record CallSyntax(NameSyntax Name, ImmutableArray<ArgumentSyntax> Arguments, SourceSpan Span)
    : ExpressionSyntax(Span);

/// <summary>`value` or `name: value`.</summary>
public sealed record ArgumentSyntax(NameSyntax? Name, ExpressionSyntax Value, SourceSpan Span) : SyntaxNode(Span);

public sealed record ListSyntax(ImmutableArray<ExpressionSyntax> Items, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>`[for variable in items: element]`: side by side.</summary>
public sealed record ComprehensionSyntax(NameSyntax Variable, ExpressionSyntax Items, ExpressionSyntax Element, SourceSpan Span)
    : ExpressionSyntax(Span);

/// <summary>`input |> stage`: a left-associative chain of at least one stage.</summary>
public sealed record PipeSyntax(ExpressionSyntax Input, ImmutableArray<StageSyntax> Stages, SourceSpan Span)
    : ExpressionSyntax(Span);

public abstract record StageSyntax(SourceSpan Span) : SyntaxNode(Span);

/// <summary>`|> name(arguments)`; `|> name` has no arguments.</summary>
public sealed record CallStageSyntax(CallSyntax Call) : StageSyntax(Call.Span);

/// <summary>`|> for variable in items: stage`: one after the other.</summary>
public sealed record LoopStageSyntax(NameSyntax Variable, ExpressionSyntax Items, StageSyntax Body, SourceSpan Span)
    : StageSyntax(Span);

public sealed record UnarySyntax(UnaryOperator Operator, ExpressionSyntax Operand, SourceSpan Span) : ExpressionSyntax(Span);

public sealed record BinarySyntax(
    BinaryOperator Operator,
    ExpressionSyntax Left,
    ExpressionSyntax Right,
    SourceSpan OperatorSpan,
    SourceSpan Span
) : ExpressionSyntax(Span);

/// <summary>`if condition then a else b`, decided while compiling.</summary>
public sealed record ConditionalSyntax(ExpressionSyntax Condition, ExpressionSyntax Then, ExpressionSyntax Else, SourceSpan Span)
    : ExpressionSyntax(Span);

/// <summary>`items[index]`.</summary>
public sealed record IndexSyntax(ExpressionSyntax Target, ExpressionSyntax Index, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>What `let a, b = list` gives its second name: an item of a list that is evaluated once. The list has exactly as many
/// items as there are names.</summary>
/// <param name="Names">All of the names, in the order written.</param>
public sealed record PartSyntax(ExpressionSyntax List, ImmutableArray<NameSyntax> Names, int Index, SourceSpan Span)
    : ExpressionSyntax(Span);

/// <summary>`target.member`.</summary>
public sealed record MemberSyntax(ExpressionSyntax Target, NameSyntax Member, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>`(expression)`: kept, so that `fmt` can write it again.</summary>
public sealed record ParenthesizedSyntax(ExpressionSyntax Inner, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>A value with settings of its own, `adam { lr: 1e-4 }`, or settings alone, `{ crop: 256 }`.</summary>
public sealed record ConfiguredSyntax(ExpressionSyntax? Head, SettingsSyntax Settings, SourceSpan Span) : ExpressionSyntax(Span);

/// <summary>Where the text could not be read. Already diagnosed; whoever meets it stays silent.</summary>
public sealed record ErrorExpressionSyntax(SourceSpan Span) : ExpressionSyntax(Span);

public enum UnaryOperator
{
    Negate,
    Not,
}

public enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Range,
}
