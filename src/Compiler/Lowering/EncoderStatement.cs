using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>An encoder's own settings: `weights: none | imagenet | "file"`, `partial: true`, and what every statement
/// has.</summary>
static class EncoderStatement
{
    public static EncoderWeights? Weights(StatementSymbol statement, EncoderSyntax syntax, Scope scope, Evaluator evaluator)
    {
        var owner = $"encoder '{statement.Name.Text}'";
        var partial = StatementSettings.Take(statement.Settings, OwnSettings.Partial, owner, scope, evaluator) is true;
        var head = statement.Settings.Children.GetValueOrDefault("weights")?.Head;
        var value = head is null ? NoneValue.Instance : evaluator.Evaluate(head, scope, "");
        var weights = value switch
        {
            NoneValue => "none",
            WordValue { Name.Text: "imagenet" } => "imagenet",
            StringValue { Text.Length: > 0 } named => named.Text,
            _ => null,
        };
        var file = value is StringValue { Text: var text, Folder: var folder } ? new FilePath(text, folder) : default;
        if (weights is null && value is WordValue word)
            evaluator.Diagnostics.WordNotAllowed(
                head!.Span,
                $"'weights' of {owner}",
                $"'{word.Name.Text}'",
                [.. OwnSettings.WeightWords, "\"FILE\""]
            );
        else if (weights is null)
            evaluator.WrongKind(head!.Span, $"'weights' of {owner}", "none, imagenet or a file in quotes", value);
        if (weights == "imagenet" && !PublishedWeights.Components.Contains(syntax.Backbone.Text))
            evaluator.Diagnostics.NoWeights(head!.Span, syntax.Backbone.Text, PublishedWeights.Components);
        return weights is null
            ? null
            : new(statement.Name.Text, syntax.Backbone.Text, weights, file, partial, head?.Span ?? statement.Name.Span);
    }
}
