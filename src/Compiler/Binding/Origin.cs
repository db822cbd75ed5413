using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>What the user wrote where a component's parameter got its value, so that an error deep inside can underline
/// it.</summary>
/// <param name="What">"'rates' of aspp", for messages.</param>
public sealed record Origin(ExpressionSyntax Expression, string What)
{
    public SourceSpan Span => Expression.Span;

    /// <summary>The origin of an item, where the list is written out.</summary>
    public Origin? Item(int index) =>
        Unparenthesized(Expression) is ListSyntax list && index >= 0 && index < list.Items.Length
            ? new(list.Items[index], $"an item of {What}")
            : null;

    static ExpressionSyntax Unparenthesized(ExpressionSyntax expression) =>
        expression is ParenthesizedSyntax parenthesized ? Unparenthesized(parenthesized.Inner) : expression;
}
