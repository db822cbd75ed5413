using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>A prediction before it is known whether it counts: full-size, before its activation.</summary>
sealed record Prediction(BoxSymbol Decoder, string Task, string Name, Node Value);

/// <summary>A bound model to its graph, statement by statement, each behind what it reads.</summary>
public sealed class ModelLowering
{
    readonly ModelSymbol model;
    readonly Evaluator evaluator;
    readonly Scope scope;
    readonly Dictionary<string, ModelTask> tasks = new(StringComparer.Ordinal);
    readonly List<Prediction> predictions = [];
    readonly List<EncoderWeights> encoders = [];
    readonly Dictionary<string, Node?> results = new(StringComparer.Ordinal);

    ModelLowering(ModelSymbol model, Evaluator evaluator)
    {
        this.model = model;
        this.evaluator = evaluator;
        scope = new(evaluator.Globals);
    }

    DiagnosticBag Diagnostics => evaluator.Diagnostics;

    GraphBuilder Builder => evaluator.Builder;

    /// <summary>The model, or null after errors.</summary>
    public static Model? Lower(ModelSymbol model, Evaluator evaluator) => new ModelLowering(model, evaluator).Lower();

    Model? Lower()
    {
        foreach (var task in model.Tasks.Values)
        {
            if (TaskLowering.Lower(task, model, evaluator) is { } lowered)
                tasks.Add(task.Name, lowered);
        }
        scope.Define("image", new FeatureValue(Builder.Image));
        foreach (var box in model.Boxes.Values)
            scope.Define(box.Name.Text, ErrorValue.Instance);
        foreach (var box in model.Order)
        {
            Enter(box);
            var value = Lower(box);
            scope.Define(box.Name.Text, value);
            results[box.Name.Text] = value.Features ?? mixed.GetValueOrDefault(box.Name.Text);
            evaluator.Note(box.Name, value);
        }
        var finals = FinalPredictions.Of(model, Diagnostics);
        Refine(finals);
        var objective = ObjectiveLowering.Lower(model, tasks, predictions, finals, scope, evaluator);
        if (Diagnostics.HasErrors || objective is null)
            return null;
        var outputs = predictions.Select(p => Output(p, finals)).ToImmutableArray();
        Builder.NameNodes();
        return Finish(objective, outputs);
    }

    void Enter(BoxSymbol box)
    {
        var (owner, has) = ($"{box.Kind} '{box.Name.Text}'", box.Kind is not ("let" or "share"));
        var recomputes = has && StatementSettings.Recomputes(box.Settings, owner, scope, evaluator);
        Builder.Enter(box.Name.Text, recomputes, has && StatementSettings.Freezes(box.Settings, owner, scope, evaluator));
    }

    Value Lower(BoxSymbol box) => box.Statement switch
    {
        EncoderSyntax when box.Exchange is not null => exchanged.GetValueOrDefault(box.Name.Text, ErrorValue.Instance),
        EncoderSyntax encoder => Encoder(box, encoder),
        ShareSyntax share => Share(box, share),
        ExchangeSyntax exchange => Exchange(box, exchange),
        AsppSyntax aspp => Applied(box, aspp.Source, "aspp"),
        AttentionSyntax attention => Applied(box, attention.Source, "self_attention"),
        DecoderSyntax decoder => DecoderLowering.Lower(box, decoder, tasks, scope, evaluator, predictions),
        _ => box.Settings.Head is { } value ? evaluator.Evaluate(value, scope, box.Name.Text) : ErrorValue.Instance,
    };

    readonly Dictionary<string, Value> exchanged = new(StringComparer.Ordinal);
    readonly Dictionary<string, Node> mixed = new(StringComparer.Ordinal);

    Value Encoder(BoxSymbol box, EncoderSyntax syntax) =>
        Call(box, syntax) is not var (component, arguments) ? ErrorValue.Instance
        : Encoded(box, syntax, evaluator.Call(component, arguments, syntax.Backbone.Span, box.Name.Text));

    Value Encoded(BoxSymbol box, EncoderSyntax syntax, Expansion expansion)
    {
        if (expansion.Value is ListValue { Items: { Length: > 0 } items } && items.All(i => i.Features is not null))
            return new EncoderValue(box.Name.Text, items[^1].Features!, expansion.Features) { Items = [.. items.Select(i => i.Features!)] };
        if (expansion.Value is ErrorValue || evaluator.Features(expansion.Value, syntax.Backbone.Span, $"encoder '{box.Name.Text}'") is not { } node)
            return ErrorValue.Instance;
        return new EncoderValue(box.Name.Text, node, expansion.Features);
    }

    /// <summary>All encoders that exchange features, in step; each one's value is kept for its own statement.</summary>
    Value Exchange(BoxSymbol box, ExchangeSyntax syntax)
    {
        var owner = $"exchange '{box.Name.Text}'";
        var encoders = syntax.Encoders.Select(n => model.Boxes.GetValueOrDefault(n.Text)).Where(b => b?.Exchange == box)
            .Select(b => (Box: b!, Syntax: (EncoderSyntax)b!.Statement)).ToList();
        if (encoders.Count < 2)
            return ErrorValue.Instance; // which is said already
        if (box.Settings.Children.GetValueOrDefault("using") is null)
        {
            Diagnostics.MissingSetting(box.Name.Span, owner, "using", "{ using: COMPONENT }");
            return ErrorValue.Instance;
        }
        if (Components.Using(box, "", owner, scope, evaluator) is not { } component
            || StatementSettings.Arguments(box.Settings, component, ["using", "recompute", "frozen"], owner, scope, evaluator) is not { } settings)
        {
            return ErrorValue.Instance;
        }
        var lockstep = new Lockstep(evaluator, box, syntax, component, settings);
        foreach (var (encoder, statement) in encoders)
        {
            if (Call(encoder, statement) is not var (backbone, arguments))
                return ErrorValue.Instance;
            if (!lockstep.Add(encoder, statement, backbone, arguments, () => Enter(encoder)))
                return ErrorValue.Instance;
        }
        if (!lockstep.Run(() => Enter(box)))
            return ErrorValue.Instance;
        foreach (var (encoder, statement) in encoders)
            exchanged[encoder.Name.Text] = Encoded(encoder, statement, lockstep.Finish(encoder));
        if (lockstep.Last is { } last)
            mixed.Add(box.Name.Text, last);
        return ErrorValue.Instance; // an exchange is nothing that could be read
    }

    /// <summary>A component with its settings, whose uses have the same weights.</summary>
    Value Share(BoxSymbol box, ShareSyntax syntax)
    {
        var owner = $"share '{box.Name.Text}'";
        if (Components.Named(syntax.Component, scope, evaluator) is { } component
            && StatementSettings.Arguments(box.Settings, component, ["frozen"], owner, scope, evaluator) is { } settings)
        {
            return component with { Share = new(box.Name.Text, settings, StatementSettings.Freezes(box.Settings, owner, scope, evaluator)) };
        }
        evaluator.BrokenShares.Add(box.Name.Text);
        return ErrorValue.Instance;
    }

    (ComponentValue Component, ImmutableArray<Argument> Arguments)? Call(BoxSymbol box, EncoderSyntax syntax)
    {
        if (Components.Named(syntax.Backbone, scope, evaluator) is not { } component)
            return null;
        if (EncoderStatement.Weights(box, syntax, scope, evaluator) is { } weights)
            encoders.Add(weights);
        if (StatementSettings.Arguments(box.Settings, component, EncoderStatement.Own, $"encoder '{box.Name.Text}'", scope, evaluator) is not { } settings)
            return null;
        return (component, [new(null, new FeatureValue(Builder.Image), syntax.Backbone.Span), .. settings]);
    }

    /// <summary>ASPP and attention: one component applied to one feature map.</summary>
    Value Applied(BoxSymbol box, FeatureSyntax source, string fallback)
    {
        var owner = $"{box.Kind} '{box.Name.Text}'";
        if (Components.Using(box, fallback, owner, scope, evaluator) is not { } component
            || StatementSettings.Arguments(box.Settings, component, ["using", "recompute", "frozen"], owner, scope, evaluator) is not { } settings
            || FeatureLowering.Lower(source, scope, evaluator) is not { } input)
        {
            return ErrorValue.Instance;
        }
        ImmutableArray<Argument> arguments = [new(null, new FeatureValue(input), source.Span), .. settings];
        var value = evaluator.Call(component, arguments, source.Span, box.Name.Text).Value;
        return evaluator.Features(value, source.Span, owner) is { } node ? new FeatureValue(node) : ErrorValue.Instance;
    }

    /// <summary>`refine TASK: COMPONENT(args)`: the final full-size prediction through one more component.</summary>
    void Refine(IReadOnlyDictionary<string, BoxSymbol> finals)
    {
        foreach (var refine in model.Refines)
        {
            var (task, syntax) = (refine.Task, refine.Syntax);
            var index = predictions.FindIndex(p => p.Task == task && finals.GetValueOrDefault(task) == p.Decoder);
            if (index < 0)
                continue;
            Builder.Enter(task, Recomputes(refine), StatementSettings.Freezes(refine.Settings, refine.Owner, scope, evaluator));
            var input = new PipeSyntax(new ReferenceSyntax(new("prediction", syntax.Component.Name.Span)), [new CallStageSyntax(syntax.Component)], syntax.Span);
            var inner = new Scope(scope);
            inner.Define("prediction", new FeatureValue(predictions[index].Value));
            var value = evaluator.Evaluate(input, inner, $"{task}.refine");
            if (evaluator.Features(value, syntax.Component.Span, refine.Owner) is not { } node)
                continue;
            if (node.Shape != predictions[index].Value.Shape)
                Diagnostics.RefinementMisfit(syntax.Component.Span, task, predictions[index].Value.Shape, node.Shape);
            predictions[index] = predictions[index] with { Value = node };
        }
    }

    bool Recomputes(RefineSymbol refine)
    {
        foreach (var (name, child) in refine.Settings.Children.Where(c => c.Key is not ("recompute" or "frozen")))
            Diagnostics.NoSetting(child.Span!.Value, name, refine.Owner, ["recompute", "frozen"]);
        return StatementSettings.Recomputes(refine.Settings, refine.Owner, scope, evaluator);
    }

    GraphOutput Output(Prediction prediction, IReadOnlyDictionary<string, BoxSymbol> finals)
    {
        var task = tasks[prediction.Task];
        var value = prediction.Value;
        if (task.Kind.Activation is { } activation)
        {
            Builder.Enter(value.Declaration, value.IsRecomputed);
            var span = prediction.Decoder.Name.Span;
            var path = prediction.Name + "." + activation.Name;
            value = Builder.Add(activation, [value], path, span, new(Diagnostics, activation.Name, span, [(value, span)], () => []))!;
        }
        return new(prediction.Name, prediction.Task, value, finals[prediction.Task] == prediction.Decoder);
    }

    Model Finish(Objective objective, ImmutableArray<GraphOutput> outputs)
    {
        var inLoss = objective.Terms.SelectMany(t => t.Outputs).ToHashSet(StringComparer.Ordinal);
        foreach (var output in outputs.Where(o => !inLoss.Contains(o.Name)))
        {
            var decoder = predictions.First(p => p.Name == output.Name).Decoder;
            if (output.IsFinal)
                Diagnostics.FinalWithoutLoss(decoder.Name.Span, decoder.Name.Text, output.Task);
            else
                Diagnostics.PredictionWithoutLoss(decoder.Name.Span, decoder.Name.Text, output.Task);
        }
        var training = new Graph(model.Name, Builder.Nodes, [.. outputs.Where(o => o.IsFinal || inLoss.Contains(o.Name))]);
        ImmutableArray<GraphOutput> scored = [.. outputs.Where(o => o.IsFinal && !tasks[o.Task].Auxiliary).Select(o => o with { Name = o.Task })];
        var inference = new Graph(model.Name, Builder.Nodes, scored);
        var declarations = Declarations.Of(model, evaluator.Names, results);
        return new(model.Name, [.. model.Tasks.Keys.Select(t => tasks[t])], training, inference, objective, [.. encoders], declarations);
    }
}
