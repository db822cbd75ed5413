using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>A prediction before it is known whether it counts: full-size, before its activation.</summary>
sealed record Prediction(StatementSymbol Decoder, string Task, string Name, Node Value);

/// <summary>A bound model to its graph, statement by statement, each behind what it reads.</summary>
public sealed class ModelLowering
{
    readonly ModelSymbol model;
    readonly Evaluator evaluator;
    readonly Scope scope;
    readonly Dictionary<string, ModelTask> tasks = new(StringComparer.Ordinal);
    readonly List<Prediction> predictions = [];
    readonly List<EncoderWeights> encoders = [];
    readonly List<InputMap> maps = [];
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
        foreach (var statement in model.Statements.Values)
            scope.Define(statement.Name.Text, ErrorValue.Instance);
        foreach (var statement in model.Order)
        {
            Enter(statement);
            var value = Lower(statement);
            scope.Define(statement.Name.Text, value);
            results[statement.Name.Text] = value.Features ?? mixed.GetValueOrDefault(statement.Name.Text);
            evaluator.Note(statement.Name, value);
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

    void Enter(StatementSymbol statement)
    {
        var (owner, has) = ($"{statement.Kind} '{statement.Name.Text}'", statement.Kind is not ("let" or "share" or "input"));
        var recomputes = has && StatementSettings.Recomputes(statement.Settings, owner, scope, evaluator);
        var frozen =
            has
            && (
                statement.Syntax is EncoderSyntax
                    ? EncoderStatement.Freezes(statement, scope, evaluator)
                    : StatementSettings.Freezes(statement.Settings, owner, scope, evaluator)
            );
        var adapted = statement.Syntax is EncoderSyntax && EncoderStatement.Adapts(statement);
        Builder.Enter(
            statement.Name.Text,
            recomputes,
            frozen,
            has ? StatementSettings.Group(statement.Settings, owner, scope, evaluator) : null,
            adapted
        );
        if (frozen && !adapted && entered.Add(statement))
            StatementSettings.CheckFrozen(statement.Settings, owner, Diagnostics);
    }

    Value Lower(StatementSymbol statement) =>
        statement.Syntax switch
        {
            EncoderSyntax when statement.Exchange is not null => exchanged.GetValueOrDefault(
                statement.Name.Text,
                ErrorValue.Instance
            ),
            EncoderSyntax encoder => Encoder(statement, encoder),
            InputSyntax input => Input(statement, input),
            ShareSyntax share => Share(statement, share),
            ExchangeSyntax exchange => Exchange(statement, exchange),
            AsppSyntax aspp => Applied(statement, aspp.Source, "aspp"),
            AttentionSyntax attention => Applied(statement, attention.Source, "self_attention"),
            DecoderSyntax decoder => DecoderLowering.Lower(statement, decoder, tasks, scope, evaluator, predictions),
            _ => statement.Settings.Head is { } value
                ? evaluator.Evaluate(value, scope, statement.Name.Text)
                : ErrorValue.Instance,
        };

    readonly HashSet<StatementSymbol> entered = []; // frozen ones: an exchange comes back to each of its encoders
    readonly Dictionary<string, Value> exchanged = new(StringComparer.Ordinal);
    readonly Dictionary<string, Node> mixed = new(StringComparer.Ordinal);

    Value Encoder(StatementSymbol statement, EncoderSyntax syntax) =>
        Call(statement, syntax) is not var (component, arguments)
            ? ErrorValue.Instance
            : Encoded(statement, syntax, evaluator.Call(component, arguments, syntax.Backbone.Span, statement.Name.Text));

    Value Encoded(StatementSymbol statement, EncoderSyntax syntax, Expansion expansion)
    {
        var value = Encoding(statement, syntax, expansion);
        if (value is EncoderValue encoder)
            EncoderStatement.Treat(statement, encoder, scope, evaluator);
        return value;
    }

    Value Encoding(StatementSymbol statement, EncoderSyntax syntax, Expansion expansion)
    {
        if (expansion.Value is ListValue { Items: { Length: > 0 } items } && items.All(i => i.Features is not null))
            return new EncoderValue(statement.Name.Text, items[^1].Features!, expansion.Features)
            {
                Items = [.. items.Select(i => i.Features!)],
            };
        if (
            expansion.Value is ErrorValue
            || evaluator.Features(expansion.Value, syntax.Backbone.Span, $"encoder '{statement.Name.Text}'") is not { } node
        )
            return ErrorValue.Instance;
        return new EncoderValue(statement.Name.Text, node, expansion.Features);
    }

    /// <summary>All encoders that exchange features, in step; each one's value is kept for its own statement.</summary>
    Value Exchange(StatementSymbol statement, ExchangeSyntax syntax)
    {
        var owner = $"exchange '{statement.Name.Text}'";
        var encoders = syntax
            .Encoders.Select(n => model.Statements.GetValueOrDefault(n.Text))
            .Where(b => b?.Exchange == statement)
            .Select(b => (Statement: b!, Syntax: (EncoderSyntax)b!.Syntax))
            .ToList();
        if (encoders.Count < 2)
            return ErrorValue.Instance; // which is said already
        if (statement.Settings.Children.GetValueOrDefault("using") is null)
        {
            Diagnostics.MissingSetting(statement.Name.Span, owner, "using", "{ using: COMPONENT }");
            return ErrorValue.Instance;
        }
        if (
            Components.Using(statement, "", owner, scope, evaluator) is not { } component
            || StatementSettings.Arguments(statement.Settings, component, statement.Kind, owner, scope, evaluator)
                is not { } settings
        )
        {
            return ErrorValue.Instance;
        }
        var lockstep = new Lockstep(evaluator, statement, syntax, component, settings);
        foreach (var (encoder, written) in encoders)
        {
            if (Call(encoder, written) is not var (backbone, arguments))
                return ErrorValue.Instance;
            if (!lockstep.Add(encoder, written, backbone, arguments, () => Enter(encoder)))
                return ErrorValue.Instance;
        }
        if (!lockstep.Run(() => Enter(statement)))
            return ErrorValue.Instance;
        foreach (var (encoder, written) in encoders)
            exchanged[encoder.Name.Text] = Encoded(encoder, written, lockstep.Finish(encoder));
        if (lockstep.Last is { } last)
            mixed.Add(statement.Name.Text, last);
        return ErrorValue.Instance; // an exchange is nothing that could be read
    }

    Value Input(StatementSymbol statement, InputSyntax syntax)
    {
        var start = Model.PictureChannels + maps.Sum(m => m.Channels);
        if (InputLowering.Lower(statement, syntax, start, scope, evaluator) is not var (map, node))
            return ErrorValue.Instance;
        maps.Add(map);
        return new FeatureValue(node);
    }

    /// <summary>A component with its settings, whose uses have the same weights.</summary>
    Value Share(StatementSymbol statement, ShareSyntax syntax)
    {
        var owner = $"share '{statement.Name.Text}'";
        var frozen = StatementSettings.Freezes(statement.Settings, owner, scope, evaluator);
        if (frozen)
            StatementSettings.CheckFrozen(statement.Settings, owner, Diagnostics);
        if (
            Components.Named(syntax.Component, scope, evaluator) is { } component
            && StatementSettings.Arguments(statement.Settings, component, statement.Kind, owner, scope, evaluator) is { } settings
        )
        {
            return component with
            {
                Share = new(
                    statement.Name.Text,
                    settings,
                    frozen,
                    StatementSettings.Group(statement.Settings, owner, scope, evaluator)
                ),
            };
        }
        evaluator.BrokenShares.Add(statement.Name.Text);
        return ErrorValue.Instance;
    }

    (ComponentValue Component, ImmutableArray<Argument> Arguments)? Call(StatementSymbol statement, EncoderSyntax syntax)
    {
        if (Components.Named(syntax.Backbone, scope, evaluator) is not { } component)
            return null;
        var source = syntax.Source is { } read ? FeatureLowering.Lower(read, scope, evaluator) : Builder.Image;
        if (EncoderStatement.Weights(statement, syntax, source, scope, evaluator) is { } weights)
            encoders.Add(weights);
        if (
            StatementSettings.Arguments(
                statement.Settings,
                component,
                statement.Kind,
                $"encoder '{statement.Name.Text}'",
                scope,
                evaluator
            )
            is not { } settings
        )
            return null;
        var place = syntax.Source?.Span ?? syntax.Backbone.Span;
        return source is null ? null : (component, [new(null, new FeatureValue(source), place), .. settings]);
    }

    /// <summary>ASPP and attention: one component applied to one feature map.</summary>
    Value Applied(StatementSymbol statement, FeatureSyntax source, string fallback)
    {
        var owner = $"{statement.Kind} '{statement.Name.Text}'";
        if (
            Components.Using(statement, fallback, owner, scope, evaluator) is not { } component
            || StatementSettings.Arguments(statement.Settings, component, statement.Kind, owner, scope, evaluator)
                is not { } settings
            || FeatureLowering.Lower(source, scope, evaluator) is not { } input
        )
        {
            return ErrorValue.Instance;
        }
        ImmutableArray<Argument> arguments = [new(null, new FeatureValue(input), source.Span), .. settings];
        var value = evaluator.Call(component, arguments, source.Span, statement.Name.Text).Value;
        return evaluator.Features(value, source.Span, owner) is { } node ? new FeatureValue(node) : ErrorValue.Instance;
    }

    /// <summary>`refine TASK: COMPONENT(args)`: the final full-size prediction through one more component.</summary>
    void Refine(IReadOnlyDictionary<string, StatementSymbol> finals)
    {
        foreach (var refine in model.Refines)
        {
            var (task, syntax) = (refine.Task, refine.Syntax);
            var index = predictions.FindIndex(p => p.Task == task && finals.GetValueOrDefault(task) == p.Decoder);
            if (index < 0)
                continue;
            var frozen = StatementSettings.Freezes(refine.Settings, refine.Owner, scope, evaluator);
            if (frozen)
                StatementSettings.CheckFrozen(refine.Settings, refine.Owner, Diagnostics);
            Builder.Enter(
                task,
                Recomputes(refine),
                frozen,
                StatementSettings.Group(refine.Settings, refine.Owner, scope, evaluator)
            );
            var input = new PipeSyntax(
                new ReferenceSyntax(new("prediction", syntax.Component.Name.Span)),
                [new CallStageSyntax(syntax.Component)],
                syntax.Span
            );
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
        var own = OwnSettings.Names("refine");
        foreach (var (name, child) in refine.Settings.Children.Where(c => !own.Contains(c.Key)))
            Diagnostics.NoSetting(child.Span!.Value, name, refine.Owner, own);
        return StatementSettings.Recomputes(refine.Settings, refine.Owner, scope, evaluator);
    }

    GraphOutput Output(Prediction prediction, IReadOnlyDictionary<string, StatementSymbol> finals)
    {
        var task = tasks[prediction.Task];
        var value = prediction.Value;
        if (task.Kind.Activation is { } activation)
        {
            Builder.Enter(value.Declaration, value.IsRecomputed);
            var span = prediction.Decoder.Name.Span;
            var path = prediction.Name + "." + activation.Name;
            value = Builder.Add(
                activation,
                [value],
                path,
                span,
                new(Diagnostics, activation.Name, span, [(value, span)], () => [])
            )!;
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
        ImmutableArray<GraphOutput> scored =
        [
            .. outputs.Where(o => o.IsFinal && !tasks[o.Task].Auxiliary).Select(o => o with { Name = o.Task }),
        ];
        var inference = new Graph(model.Name, Builder.Nodes, scored);
        var declarations = Declarations.Of(model, evaluator.Names, results);
        return new(
            model.Name,
            [.. model.Tasks.Keys.Select(t => tasks[t])],
            training,
            inference,
            objective,
            [.. encoders],
            declarations
        )
        {
            Components = Builder.Components.ToImmutableDictionary(),
            Maps = [.. maps],
        };
    }
}
