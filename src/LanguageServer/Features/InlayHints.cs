using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Range = Mtlc.LanguageServer.Protocol.Range;

namespace Mtlc.LanguageServer.Features;

/// <summary>What a line makes and costs, behind it: shapes of statements and `let`s, parameters, share of the memory that
/// training keeps.</summary>
static class InlayHints
{
    public static InlayHint[] Of(Analysis file, Range range)
    {
        var (start, end) = (file.Source.OffsetOf(range.Start), file.Source.OffsetOf(range.End));
        return
        [
            .. Hints(file)
                .Where(h => h.Node.Span.End >= start && h.Node.Span.Start <= end)
                .Select(h => Hint(file, h.Node, h.Text))
                .OfType<InlayHint>(),
        ];
    }

    static IEnumerable<(SyntaxNode Node, string Text)> Hints(Analysis file)
    {
        foreach (var declaration in file.Tree.Declarations)
        {
            switch (declaration)
            {
                case ModelSyntax model when file.Model is { } known && ReferenceEquals(known.Syntax, model):
                    foreach (var statement in known.Statements.Values)
                        yield return (statement.Syntax, Statement(file, statement));
                    break;
                case ComponentSyntax component:
                    foreach (var let in component.Lets)
                        yield return (let, Values(file, let.Name, let.Value));
                    break;
                case FileLetSyntax { Let: var let }:
                    yield return (let, Values(file, let.Name, let.Value));
                    break;
            }
        }
    }

    static string Statement(Analysis file, StatementSymbol statement)
    {
        var name = statement.Name.Text;
        if (statement.Syntax is ModelLetSyntax { Let: var let } && file.ShapeOf(statement.Name) is null)
            return Values(file, statement.Name, let.Value);
        if (file.ShapeOf(statement.Name) is not { } shape)
            return "";
        var parts = new List<string> { shape.ToString() };
        if (file.ParametersOf(name) is > 0 and var parameters)
            parts.Add($"{Amount.Count(parameters)} parameters");
        if (file.Program.Costs is { } costs && costs.ShareOf(name) is >= 0.5 and var share)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{share:0} % memory"));
        return string.Join(" · ", parts);
    }

    /// <summary>Of a component's `let`, what it is wherever the component is expanded; numbers as written need no hint.</summary>
    static string Values(Analysis file, NameSyntax name, ExpressionSyntax written)
    {
        if (
            written is NumberSyntax or StringSyntax or BooleanSyntax or SizeSyntax or ReferenceSyntax
            || written is ListSyntax { Items: var items } && items.All(i => i is NumberSyntax or BooleanSyntax)
        )
            return "";
        var values = file.Lowered.Of(name).Select(ValueText.Of).Where(v => v.Length > 0).Distinct().Take(3).ToList();
        return values.Count > 2 ? $"{values[0]}, ..." : string.Join(" or ", values);
    }

    static InlayHint? Hint(Analysis file, SyntaxNode node, string text) =>
        text.Length == 0 ? null : new(file.Source.PositionOf(node.Span.End), text, true);
}
