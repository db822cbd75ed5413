using System.Collections;
using Mtlc.Dsl.Formatting;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Formatting;

/// <summary>What every layout keeps.</summary>
static class Layouts
{
    /// <summary>Whether the text parses; then its layout has the same tree and comments, and is its own layout.</summary>
    public static bool Check(SourceText source, FormatStyle style)
    {
        if (Formatter.Format(source, style, new()) is not { } once)
            return false;
        var laid = new SourceText(source.Path, once);
        var (before, after) = (SyntaxTree.Parse(source, new()), SyntaxTree.Parse(laid, new()));
        Assert.Equal(Shape(before), Shape(after));
        Assert.Equal(before.Trivia.Comments.Select(c => c.Text), after.Trivia.Comments.Select(c => c.Text));
        Assert.Equal(once, Formatter.Format(laid, style, new()));
        return true;
    }

    /// <summary>A tree without its places.</summary>
    static string Shape(object? value) =>
        value switch
        {
            null => "-",
            string or bool or double or int or Enum => $"{value}",
            SyntaxNode node =>
                $"{node.GetType().Name}({string.Join(' ', node.GetType().GetProperties()
            .Where(p => p.PropertyType != typeof(SourceSpan) && p.PropertyType != typeof(SourceText) && p.Name is not ("Trivia" or "EqualityContract"))
            .Select(p => Shape(p.GetValue(node))))})",
            IEnumerable many => $"[{string.Join(' ', many.Cast<object?>().Select(Shape))}]",
            _ => throw new InvalidOperationException($"what is {value.GetType().Name}?"),
        };
}
