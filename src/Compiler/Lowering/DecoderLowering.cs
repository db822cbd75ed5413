using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// A decoder: summands added, the body's features (DeepLabV3+ with skips, Chen et al. 2018; plain without), the predicting
/// convolution `predict`, its channels split among the tasks, each upsampled to the picture. </summary>
static class DecoderLowering
{
    /// <summary>The decoder's features; its predictions are added to the list.</summary>
    public static Value Lower(
        StatementSymbol statement,
        DecoderSyntax decoder,
        IReadOnlyDictionary<string, ModelTask> tasks,
        Scope scope,
        Evaluator evaluator,
        List<Prediction> predictions
    )
    {
        var owner = $"decoder '{statement.Name.Text}'";
        var summands = decoder.Summands.Select(f => (Node: FeatureLowering.Lower(f, scope, evaluator), f.Span)).ToList();
        var skips = decoder.Skips.Select(f => (Node: FeatureLowering.Lower(f, scope, evaluator), f.Span)).ToList();
        var body = Components.Using(statement, skips.Count > 0 ? "deeplab_decoder" : "plain_decoder", owner, scope, evaluator);
        var settings = body is null
            ? null
            : StatementSettings.Arguments(statement.Settings, body, "decoder", owner, scope, evaluator);
        var kernel =
            StatementSettings.Take(statement.Settings, OwnSettings.Kernel, owner, scope, evaluator)
            ?? (statement.Settings.Children.ContainsKey("kernel") ? null : OwnSettings.Kernel.Default);
        if (skips.Count > 0 && body?.Component is { } component && component.Syntax.Parameters.All(p => p.Name.Text != "skips"))
        {
            evaluator.Diagnostics.BadStatement(
                statement.Settings.Children["using"].Head!.Span,
                $"'{component.Name}' takes no skips",
                "has no parameter 'skips'",
                $"declare component {component.Name}(x, skips, ...), or take the skips out of {owner}"
            );
            return ErrorValue.Instance;
        }
        if (kernel is null || settings is null || summands.Concat(skips).Any(f => f.Node is null))
            return ErrorValue.Instance;
        if (Input(statement, decoder, summands!, skips.Count > 0, scope, evaluator) is not { } input)
            return ErrorValue.Instance;

        var place = decoder.IsList ? decoder.Summands[0].Span.To(decoder.Summands[^1].Span) : decoder.Summands[0].Span;
        var arguments = ImmutableArray.Create(new Argument(null, input, place));
        if (skips.Count > 0)
            arguments = arguments.Add(
                new("skips", new ListValue([.. skips.Select(s => new FeatureValue(s.Node!))]), decoder.Skips[0].Span)
            );
        var made = evaluator.Call(body!, arguments.AddRange(settings.Value), decoder.Name.Span, statement.Name.Text).Value;
        if (evaluator.Features(made, decoder.Name.Span, owner) is not { } features)
            return ErrorValue.Instance;
        if (decoder.Tasks.All(t => tasks.ContainsKey(t.Text)))
            Predict(
                statement,
                decoder,
                features,
                (int)kernel,
                [.. decoder.Tasks.Select(t => tasks[t.Text])],
                evaluator,
                predictions
            );
        return new FeatureValue(features);
    }

    /// <summary>What the body is given first: a list as it stands, or the sum.</summary>
    static Value? Input(
        StatementSymbol statement,
        DecoderSyntax decoder,
        List<(Node Node, Dsl.Text.SourceSpan Span)> summands,
        bool hasSkips,
        Scope scope,
        Evaluator evaluator
    )
    {
        if (!decoder.IsList)
            return Joined(statement, decoder, summands, hasSkips, scope, evaluator) is { } sum ? new FeatureValue(sum) : null;
        if (statement.Settings.Children.TryGetValue("at", out var at))
            evaluator.Diagnostics.BadStatement(
                at.Span!.Value,
                "'at' is for decoders of one map: a list has several resolutions",
                null,
                "remove `at`"
            );
        return new ListValue([.. summands.Select(s => new FeatureValue(s.Node))]);
    }

    /// <summary>The sum of what stands left of the arrow, at the resolution that `at` asks for.</summary>
    static Node? Joined(
        StatementSymbol statement,
        DecoderSyntax decoder,
        List<(Node Node, Dsl.Text.SourceSpan Span)> summands,
        bool hasSkips,
        Scope scope,
        Evaluator evaluator
    )
    {
        var path = statement.Name.Text;
        var input =
            summands.Count == 1
                ? summands[0].Node
                : evaluator
                    .Apply(
                        new Sum(),
                        [.. summands],
                        "'+' of a decoder",
                        decoder.Summands[0].Span.To(decoder.Summands[^1].Span),
                        path
                    )
                    .Features;
        if (!statement.Settings.Children.TryGetValue("at", out var setting) || input is null)
            return input;
        if (hasSkips)
        {
            evaluator.Diagnostics.BadStatement(
                setting.Span!.Value,
                "'at' is for decoders without skips: a skip sets the resolution",
                null,
                "remove `at`"
            );
            return null;
        }
        if (StatementSettings.Take(statement.Settings, OwnSettings.At, $"decoder '{path}'", scope, evaluator) is not int at)
            return null;
        var (height, width) = (input.Shape.Height, input.Shape.Width);
        var scale = height.Denominator / at;
        if (height.IsFixed || height != width || height.Numerator != 1 || scale * at != height.Denominator)
        {
            evaluator.Diagnostics.CannotBringTo(setting.Head!.Span, at, input.Shape);
            return null;
        }
        return scale == 1
            ? input
            : evaluator.Apply(new Resize(scale), [(input, setting.Head!.Span)], "at", setting.Head!.Span, path).Features;
    }

    static void Predict(
        StatementSymbol statement,
        DecoderSyntax decoder,
        Node features,
        int kernel,
        ImmutableArray<ModelTask> tasks,
        Evaluator evaluator,
        List<Prediction> predictions
    )
    {
        var (path, span) = (statement.Name.Text, decoder.Name.Span);
        var convolution = new Conv(tasks.Sum(t => t.Channels), kernel);
        if (evaluator.Apply(convolution, [(features, span)], "predict", span, $"{path}.predict").Features is not { } all)
            return;
        var start = 0;
        foreach (var task in tasks)
        {
            var name = tasks.Length == 1 ? path : $"{path}.{task.Name}";
            var output = $"{path}.{task.Name}";
            var own =
                tasks.Length == 1
                    ? all
                    : evaluator
                        .Apply(new Slice(start, task.Channels), [(all, span)], "predict", span, $"{output}.channels")
                        .Features;
            start += task.Channels;
            if (
                own is not null
                && evaluator
                    .Apply(new ResizeLike(), [(own, span), (evaluator.Builder.Image, span)], "predict", span, $"{output}.full")
                    .Features
                    is { } full
            )
                predictions.Add(new(statement, task.Name, name, full));
        }
    }
}
