using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// Encoders that exchange features stage by stage: each is evaluated up to the stage, a component mixes the results, and
/// what it returns takes their place for all that follows in each encoder (cross-stitch units, Misra et al. 2016). </summary>
sealed class Lockstep(
    Evaluator evaluator,
    StatementSymbol statement,
    ExchangeSyntax syntax,
    ComponentValue component,
    ImmutableArray<Argument> settings
)
{
    readonly List<(StatementSymbol Statement, NameSyntax Backbone, Evaluator.Suspended Instance, Action Enter)> encoders = [];
    readonly List<(StatementSymbol Encoder, Slot Slot, ImmutableArray<int> Position, PositionSyntax Stage)> mixed = [];

    /// <summary>What the first encoder got at the last stage so far.</summary>
    public Node? Last { get; private set; }

    /// <summary>Opens an encoder without evaluating anything of it; false after an error.</summary>
    /// <param name="enter">Makes what follows nodes of the encoder's statement.</param>
    public bool Add(
        StatementSymbol encoder,
        EncoderSyntax statement,
        ComponentValue backbone,
        ImmutableArray<Argument> arguments,
        Action enter
    )
    {
        if (evaluator.Suspend(backbone, arguments, statement.Backbone.Span, encoder.Name.Text) is not { } instance)
            return false;
        encoders.Add((encoder, statement.Backbone, instance, enter));
        return true;
    }

    /// <summary>Every stage in the order written; false after an error.</summary>
    /// <param name="enter">Makes what follows nodes of the exchange's statement.</param>
    public bool Run(Action enter)
    {
        var missing = false;
        foreach (var stage in syntax.Stages)
        {
            foreach (var (encoder, backbone, instance, own) in encoders.Where(e => e.Instance.Find(stage.Name.Text) is null))
            {
                own();
                var maps = instance.Stages.Where(s =>
                    evaluator.Reach(instance, s, [], stage.Name.Span).Value?.Features is not null
                );
                evaluator.Diagnostics.BadExchange(
                    stage.Name.Span,
                    $"encoder '{encoder.Name.Text}' has no stage '{stage.Name.Text}'",
                    null,
                    [new($"it is {backbone.Text}", backbone.Span)],
                    $"stages are the `let`s of the encoder's component: {string.Join(", ", maps)}"
                        + (instance.Pipe is { } pipe ? $"; '{pipe}' is a pipe, with stages {pipe}[0], {pipe}[1] ..." : "")
                );
                missing = true;
            }
        }
        return !missing && syntax.Stages.DistinctBy(s => s.ToString()).All(stage => Mix(stage, enter));
    }

    public Expansion Finish(StatementSymbol encoder)
    {
        var (_, _, instance, enter) = encoders.First(e => e.Statement == encoder);
        enter();
        return evaluator.Resume(instance);
    }

    bool Mix(PositionSyntax stage, Action enter)
    {
        if (Places(stage) is not { } places)
            return false;
        var maps = ImmutableArray.CreateBuilder<Node>();
        var stops = ImmutableArray.CreateBuilder<Evaluator.Reached>();
        foreach (var encoder in encoders)
        {
            encoder.Enter();
            var reached = evaluator.Reach(encoder.Instance, stage.Name.Text, places, stage.Span);
            if (IsTwice(stage, encoder.Statement, reached))
                return false;
            if (reached.Outcome is not Evaluator.Reaching.Reached)
            {
                Blame(stage, encoder.Statement, encoder.Backbone, reached);
                return false;
            }
            if (
                reached.Value is null or ErrorValue
                || evaluator.Features(reached.Value, stage.Span, $"stage '{stage}' of encoder '{encoder.Statement.Name.Text}'")
                    is not { } map
            )
                return false;
            maps.Add(map);
            stops.Add(reached);
        }
        enter();
        var mixer = statement.Settings.Children["using"].Head!.Span;
        ImmutableArray<Argument> arguments =
        [
            new(null, new ListValue([.. maps.Select(m => new FeatureValue(m))]), stage.Span),
            .. settings,
        ];
        var made = evaluator.Call(component, arguments, mixer, Path(stage, stops[0])).Value;
        var items = made switch
        {
            ListValue list => list.Items,
            ChainValue chain => chain.Steps,
            _ => default,
        };
        if (made is ErrorValue || (!items.IsDefault && items.Contains(ErrorValue.Instance)))
            return false;
        if (items.IsDefault || items.Length != maps.Count || items.Any(i => i.Features is null))
        {
            evaluator.Diagnostics.BadExchange(
                mixer,
                $"'{component.Name}' returns {made.Describe()}, and exchange '{statement.Name.Text}' needs a list of "
                    + $"{maps.Count}: features for each encoder",
                null
            );
            return false;
        }
        for (var i = 0; i < maps.Count; i++)
        {
            if (items[i].Features!.Shape != maps[i].Shape)
            {
                evaluator.Diagnostics.BadExchange(
                    mixer,
                    $"'{component.Name}' gives encoder '{encoders[i].Statement.Name.Text}' {items[i].Features!.Shape} at "
                        + $"'{stage}', where {maps[i].Shape} goes on",
                    null,
                    [new("at this stage", stage.Span)]
                );
                return false;
            }
            stops[i].Replace!(new FeatureValue(items[i].Features!));
        }
        Last = items[0].Features;
        return true;
    }

    /// <summary>Below which parameters are named: `mix.layer1`, `mix.features_6`, the step as the first encoder counts it. A dot
    /// would name what a list at `layer1` has.</summary>
    string Path(PositionSyntax stage, Evaluator.Reached reached) =>
        $"{statement.Name.Text}.{stage.Name.Text}"
        + string.Concat(reached.Places.Select(p => string.Create(CultureInfo.InvariantCulture, $"_{p}")));

    ImmutableArray<int>? Places(PositionSyntax stage)
    {
        var places = ImmutableArray.CreateBuilder<int>();
        foreach (var place in stage.Places)
        {
            var value = evaluator.Evaluate(place, evaluator.Globals, "");
            if (value is not NumberValue { IsInteger: true, Number: > int.MinValue and < int.MaxValue } number)
            {
                evaluator.WrongKind(place.Span, "an index", "a whole number", value);
                return null;
            }
            places.Add((int)number.Number);
        }
        return places.ToImmutable();
    }

    /// <summary>Whether features are mixed there already, however that place was written; then says so.</summary>
    bool IsTwice(PositionSyntax stage, StatementSymbol encoder, Evaluator.Reached reached)
    {
        if (reached.Outcome is not (Evaluator.Reaching.Reached or Evaluator.Reaching.Passed))
            return false;
        var before = mixed.Find(m =>
            m.Encoder == encoder && m.Slot == reached.Slot && m.Position.SequenceEqual(reached.Position)
        );
        if (before.Stage is null)
        {
            mixed.Add((encoder, reached.Slot!, reached.Position, stage));
            return false;
        }
        evaluator.Diagnostics.GivenTwice(stage.Span, $"stage '{stage}' of encoder '{encoder.Name.Text}'", before.Stage.Span);
        return true;
    }

    void Blame(PositionSyntax stage, StatementSymbol encoder, NameSyntax backbone, Evaluator.Reached reached)
    {
        var owner = $"encoder '{encoder.Name.Text}'";
        var whole = stage.Name.Text + string.Concat(stage.Places.Take(reached.Depth).Select(p => $"[{p.Span.Text}]"));
        if (reached.Value is ErrorValue)
            return; // which is said already
        var it = new DiagnosticNote($"it is {backbone.Text}", backbone.Span);
        switch (reached.Outcome)
        {
            case Evaluator.Reaching.Passed:
                evaluator.Diagnostics.BadExchange(
                    stage.Span,
                    $"{owner} has passed '{stage}' when the exchange comes to it",
                    null,
                    syntax.Stages.TakeWhile(s => s != stage).LastOrDefault() is { } previous
                        ? [new($"'{previous}' comes first", previous.Span), it]
                        : [it],
                    "write stages in the order in which the encoder makes them"
                );
                break;
            case Evaluator.Reaching.NoSuchStep:
                var count = ((ChainValue)reached.Value!).Steps.Length;
                evaluator.Diagnostics.BadExchange(
                    stage.Places[reached.Depth].Span,
                    $"'{whole}' of {owner} has no step {stage.Places[reached.Depth].Span.Text}",
                    null,
                    [it],
                    $"it has {count}: {whole}[0] to {whole}[{count - 1}]"
                );
                break;
            case Evaluator.Reaching.NoSteps:
                evaluator.Diagnostics.BadExchange(
                    stage.Span,
                    $"'{whole}' of {owner} has no steps",
                    null,
                    [it],
                    $"loops and pipes have steps; write '{whole}' alone"
                );
                break;
            case Evaluator.Reaching.List:
                evaluator.Diagnostics.BadExchange(
                    stage.Span,
                    $"'{whole}' of {owner} is a list, and its items are made together",
                    null,
                    [it],
                    "an exchange stops between the steps of a loop or pipe"
                );
                break;
            case Evaluator.Reaching.Closed:
                evaluator.Diagnostics.BadExchange(
                    stage.Span,
                    $"an exchange cannot stop at '{stage}' in {owner}: what makes it is applied as a whole",
                    null,
                    [it]
                );
                break;
        }
    }
}
