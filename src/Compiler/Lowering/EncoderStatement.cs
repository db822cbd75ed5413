using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>An encoder's own settings: `weights: none | imagenet | "file"`, `partial: true`, `adapt: lora`, and what every
/// statement has.</summary>
static class EncoderStatement
{
    /// <summary>Whether all of it is frozen.</summary>
    public static bool Freezes(StatementSymbol statement, Scope scope, Evaluator evaluator)
    {
        if (Head(statement) is not { } head)
            return StatementSettings.Freezes(statement.Settings, Owner(statement), scope, evaluator);
        var value = evaluator.Evaluate(head, scope, "");
        if (value is BooleanValue or UntilValue)
            return value is BooleanValue { Value: true };
        evaluator.WrongKind(head.Span, $"'frozen' of {Owner(statement)}", "true, false or `until` a feature of it", value);
        return false;
    }

    /// <summary>Whether something is trained beside its weights.</summary>
    public static bool Adapts(StatementSymbol statement) =>
        statement.Settings.Children.GetValueOrDefault("adapt") is { Head: not ReferenceSyntax { Name.Text: "none" } };

    /// <summary>What is known of an encoder once it stands: how far it is frozen, what its attention reads, and which layers it
    /// has.</summary>
    public static void Treat(StatementSymbol statement, EncoderValue encoder, Scope scope, Evaluator evaluator)
    {
        FreezeUntil(statement, encoder, scope, evaluator);
        if (
            Adapts(statement)
            && statement.Settings.Children["adapt"] is var adapt
            && RecipeLowering.Chosen<AdapterRecipe>(adapt, $"'adapt' of {Owner(statement)}", new LoraRecipe(), evaluator)
                is LoraRecipe lora
        )
        {
            var setting = adapt.Span ?? statement.Name.Span;
            var rank = adapt.Children.GetValueOrDefault("rank")?.Head?.Span ?? adapt.Head?.Span ?? setting;
            AttentionAdapters.Add(encoder.Name, lora, rank, setting, evaluator);
        }
        if (
            StatementSettings.Take(statement.Settings, OwnSettings.LayerDecay, Owner(statement), scope, evaluator) is double decay
            && evaluator.Builder.DecayByLayer(encoder.Name, decay) == 0
        )
        {
            evaluator.Diagnostics.BadStatement(
                statement.Settings.Children["lr_decay"].Span!.Value,
                $"encoder '{encoder.Name}' has no layers",
                "the rate falls from layer to layer",
                "a layer is a round of a loop `|> for`, or a step of a pipe of several calls"
            );
        }
    }

    static void FreezeUntil(StatementSymbol statement, EncoderValue encoder, Scope scope, Evaluator evaluator)
    {
        if (Head(statement) is not { } head || evaluator.Evaluate(head, scope, "") is not UntilValue { Syntax: var until })
            return;
        var value = EncoderFeatures.Named(encoder, until.Name, evaluator.Diagnostics);
        var before = until.Name.Span;
        foreach (var place in until.Places)
        {
            value = evaluator.Item(value, before, null, evaluator.Evaluate(place, scope, ""), place.Span, null);
            before = before.To(place.Span);
        }
        if (value is not ErrorValue && evaluator.Features(value, until.Span, $"'{until.Span.Text}'") is { } end)
            evaluator.Builder.FreezeUntil(end, encoder.Name);
    }

    static ExpressionSyntax? Head(StatementSymbol statement) =>
        statement.Settings.Children.GetValueOrDefault("frozen") is { Head: { } head, Children.Count: 0 } ? head : null;

    static string Owner(StatementSymbol statement) => $"encoder '{statement.Name.Text}'";

    /// <param name="source">What it reads; null where that is in error.</param>
    public static EncoderWeights? Weights(
        StatementSymbol statement,
        EncoderSyntax syntax,
        Node? source,
        Scope scope,
        Evaluator evaluator
    )
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
        else if (weights == "imagenet" && syntax.Source is { } read && source is { Shape: { Channels: not 3 } shape })
            evaluator.Diagnostics.WeightsOfPictures(
                read.Span,
                statement.Name.Text,
                read.ToString(),
                shape.ToString(),
                shape.Channels,
                head!.Span
            );
        return weights is null
            ? null
            : new(statement.Name.Text, syntax.Backbone.Text, weights, file, partial, head?.Span ?? statement.Name.Span);
    }
}
