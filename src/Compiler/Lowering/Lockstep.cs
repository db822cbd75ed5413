using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// Encoders that exchange features stage by stage: the `let` of a stage is evaluated in each, a component mixes the results, and
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
            foreach (var (encoder, backbone, instance, _) in encoders.Where(e => e.Instance.Find(stage.Text) is null))
            {
                evaluator.Diagnostics.BadExchange(
                    stage.Span,
                    $"encoder '{encoder.Name.Text}' has no stage '{stage.Text}'",
                    null,
                    [new($"it is {backbone.Text}", backbone.Span)],
                    $"stages are the `let`s of the encoder's component: {string.Join(", ", instance.Stages)}"
                );
                missing = true;
            }
        }
        return !missing && syntax.Stages.All(stage => Mix(stage, enter));
    }

    public Expansion Finish(StatementSymbol encoder)
    {
        var (_, _, instance, enter) = encoders.First(e => e.Statement == encoder);
        enter();
        return evaluator.Resume(instance);
    }

    bool Mix(NameSyntax stage, Action enter)
    {
        var maps = ImmutableArray.CreateBuilder<Node>();
        foreach (var (encoder, _, instance, enterEncoder) in encoders)
        {
            enterEncoder();
            var value = evaluator.Force(instance, stage.Text, stage.Span);
            if (
                value is ErrorValue
                || evaluator.Features(value, stage.Span, $"stage '{stage.Text}' of encoder '{encoder.Name.Text}'") is not { } map
            )
                return false;
            maps.Add(map);
        }
        enter();
        var mixer = statement.Settings.Children["using"].Head!.Span;
        ImmutableArray<Argument> arguments =
        [
            new(null, new ListValue([.. maps.Select(m => new FeatureValue(m))]), stage.Span),
            .. settings,
        ];
        var made = evaluator.Call(component, arguments, mixer, $"{statement.Name.Text}.{stage.Text}").Value;
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
                        + $"'{stage.Text}', "
                        + $"where {maps[i].Shape} goes on",
                    null,
                    [new("at this stage", stage.Span)]
                );
                return false;
            }
            encoders[i].Instance.Find(stage.Text)!.Value = new FeatureValue(items[i].Features!);
        }
        Last = items[0].Features;
        return true;
    }
}
