using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Features;

/// <summary>
/// A `let` for an expression that is selected, or for a value that stands at the cursor and elsewhere in the same declaration.
/// All of its like there read the name then; what makes parameters is taken once, since two of it are two sets of weights.
/// </summary>
static class Extraction
{
    public static IEnumerable<CodeAction> Of(Analysis file, int start, int end)
    {
        var owner = file.Tree.Declarations.FirstOrDefault(d => d.Span.Start <= start && end <= d.Span.End);
        if (owner is null or ImportSyntax or ReportSyntax || Chosen(file, owner, start, end) is not { } chosen)
            yield break;
        var names = file.Names.Where(u => u.Name.Span.Start >= chosen.Span.Start && u.Name.Span.End <= chosen.Span.End).ToList();
        // What a `for` inside of it binds stays inside; what one around it binds cannot leave.
        if (
            names.Exists(u =>
                u.Definition is { Kind: DefinitionKind.Variable } variable
                && !names.Exists(d => d.Role == NameRole.Declaration && d.Definition == variable)
            )
        )
            yield break;
        var makes = names.Exists(u =>
            u.Role is NameRole.Callee or NameRole.Component && u.Definition is not { Kind: DefinitionKind.Function }
        );
        if (
            names.Exists(u => u.Role == NameRole.Loss)
            || (makes && owner is RecipeSyntax or SetSyntax or SweepSyntax)
            || names.Exists(u => u.Definition is { Kind: DefinitionKind.Task })
        )
            yield break;
        var text = chosen.Span.Text;
        var like = makes
            ? [chosen]
            : SyntaxChildren
                .All(owner)
                .OfType<ExpressionSyntax>()
                .Where(e => e.GetType() == chosen.GetType() && e.Span.Text == text && IsFree(e, owner))
                .ToList();
        if (start == end && like.Count < 2)
            yield break;
        var name = Name(file, chosen, owner);
        var at = Statement(owner, like.Min(e => e.Span.Start));
        var indent = new string(' ', file.Source.PositionOf(at).Character);
        var edits = like.Select(e => new TextEdit(e.Span.ToRange(), name))
            .Prepend(new(file.Source.RangeOf(at, at), $"let {name} = {text}\n{indent}"))
            .ToArray();
        var title =
            makes ? $"Factor out into 'let {name}' (its parameters are then called so)"
            : like.Count > 1 ? $"Factor {like.Count} times '{Short(text)}' out into 'let {name}'"
            : $"Factor '{Short(text)}' out into 'let {name}'";
        yield return new(title, "refactor.extract", new(new Dictionary<string, TextEdit[]> { [file.UriOf(file.Path)] = edits }));
    }

    /// <summary>The expression that is selected, or the value at the cursor.</summary>
    static ExpressionSyntax? Chosen(Analysis file, SyntaxNode owner, int start, int end)
    {
        var covering = SyntaxChildren
            .All(owner)
            .OfType<ExpressionSyntax>()
            .Where(e => e.Span.Length > 0 && e.Span.Start <= start && end <= e.Span.End && IsFree(e, owner))
            .OrderBy(e => e.Span.Length);
        if (start == end)
            return covering.FirstOrDefault() is { } literal and (NumberSyntax or SizeSyntax or ListSyntax or StringSyntax)
                ? literal
                : null;
        var selected = file.Text[start..end].Trim();
        return covering.FirstOrDefault(e =>
            e.Span.Text == selected && e is not (ReferenceSyntax or ConfiguredSyntax or ErrorExpressionSyntax)
        );
    }

    /// <summary>Whether a name may stand in its place: not where the form asks for what is written out.</summary>
    static bool IsFree(ExpressionSyntax expression, SyntaxNode owner) =>
        !SyntaxChildren
            .All(owner)
            .Any(n =>
                n is FeatureSyntax or TaskSyntax && n.Span.Start <= expression.Span.Start && expression.Span.End <= n.Span.End
            )
        && !SyntaxChildren
            .All(owner)
            .Any(n =>
                (
                    n is SettingSyntax { Value: var value }
                    && ReferenceEquals(value, expression)
                    && expression is StringSyntax or ConfiguredSyntax
                )
                || (
                    n is CallSyntax { Name.Text: "miniscapes" or "cityscapes" or "manifest" or "sweep" or "halving" }
                    && n.Span.Start <= expression.Span.Start
                    && expression.Span.End <= n.Span.End
                )
                || (n is LetSyntax { Value: var whole } && ReferenceEquals(whole, expression))
                || (n is ComponentSyntax { Result: var result } && ReferenceEquals(result, expression) && false)
                || n is ParameterSyntax && n.Span.Start <= expression.Span.Start && expression.Span.End <= n.Span.End
            );

    /// <summary>Where the declaration or statement begins that a place stands in.</summary>
    static int Statement(SyntaxNode owner, int at) =>
        owner switch
        {
            ModelSyntax model => model.Statements.LastOrDefault(s => s.Span.Start <= at)?.Span.Start ?? owner.Span.Start,
            ComponentSyntax component => component.Lets.LastOrDefault(l => l.Span.Start <= at && at < l.Span.End)?.Span.Start
                ?? ReturnOf(component),
            _ => owner.Span.Start,
        };

    // The tree has the result alone; its word stands before it.
    static int ReturnOf(ComponentSyntax component)
    {
        var before = component.Span.Source.Content.LastIndexOf("return", component.Result.Span.Start, StringComparison.Ordinal);
        return before > component.Span.Start ? before : component.Result.Span.Start;
    }

    static string Name(Analysis file, ExpressionSyntax chosen, SyntaxNode owner)
    {
        var key = SyntaxChildren
            .All(owner)
            .Select(n =>
                n switch
                {
                    SettingSyntax setting when ReferenceEquals(setting.Value, chosen) => setting.Key.Parts[^1].Text,
                    ArgumentSyntax { Name: { } given, Value: var value } when ReferenceEquals(value, chosen) => given.Text,
                    AsppSyntax aspp when ReferenceEquals(aspp.Channels, chosen) => "channels",
                    _ => null,
                }
            )
            .FirstOrDefault(n => n is not null);
        var stem =
            key
            ?? (
                chosen is CallSyntax call ? $"{call.Name.Text}_result"
                : chosen is PipeSyntax ? "piped"
                : chosen is ListSyntax ? "list"
                : "value"
            );
        var taken = file
            .Names.Where(u => u.Role is not (NameRole.Setting or NameRole.Argument or NameRole.Member))
            .Select(u => u.Name.Text)
            .Concat(file.Symbols.Names.Model.All.Select(d => d.Name.Text))
            .ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, 1000).Select(i => i == 1 ? stem : $"{stem}_{i}").First(n => !taken.Contains(n));
    }

    static string Short(string text) =>
        text.Length <= 30 && !text.Contains('\n')
            ? text
            : text.ReplaceLineEndings(" ")[..Math.Min(27, text.ReplaceLineEndings(" ").Length)] + "...";
}
