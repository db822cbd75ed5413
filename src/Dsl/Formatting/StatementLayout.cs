using Antlr4.Runtime;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Formatting;

/// <summary>The statements of models, components and sweeps, cut into columns.</summary>
sealed class StatementLayout(ExpressionLayout expressions)
{
    /// <summary>Columns behind a decoder's features, however many these are.</summary>
    const int Arrow = int.MaxValue - 1,
        Configuration = int.MaxValue;

    public Row Statement(MtlParser.StatementContext context) =>
        context.GetChild(0) switch
        {
            MtlParser.LetContext let => Let(let),
            MtlParser.TaskContext task => Named("task", task, task.settings(), [Kind(task)]),
            MtlParser.InputContext input => Named("input", input, input.settings(), [expressions.Tight(input.name(1))]),
            MtlParser.EncoderContext encoder => Named("encoder", encoder, encoder.settings(), [Backbone(encoder)]),
            MtlParser.AsppContext aspp => Named(
                "aspp",
                aspp,
                aspp.settings(),
                [expressions.Tight(aspp.feature())],
                Doc.Of(expressions.Token(aspp, 4), " ", expressions.Expression(aspp.expr()))
            ),
            MtlParser.AttentionContext attention => Named(
                "attention",
                attention,
                attention.settings(),
                [expressions.Tight(attention.feature())]
            ),
            MtlParser.DecoderContext decoder => Decoder(decoder),
            MtlParser.RefineContext refine => Named("refine", refine, refine.settings(), [expressions.Call(refine.call())]),
            MtlParser.ShareContext share => Named("share", share, share.settings(), [expressions.Tight(share.name(1))]),
            MtlParser.ExchangeContext exchange => Exchange(exchange),
            MtlParser.LossContext loss => Row.Of(
                expressions.Token(loss, 0),
                expressions.Token(loss, 1),
                " ",
                expressions.Expression(loss.expr())
            ),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no statement."),
        };

    public Row Let(MtlParser.LetContext context) =>
        new(
            "let",
            (0, Doc.Of([expressions.Token(context, 0), " ", .. Listed(context, 1, context.ChildCount - 2)])),
            (1, Doc.Of(expressions.Token(context, context.ChildCount - 2), " ", expressions.Expression(context.expr())))
        );

    /// <summary>Children from first to end - 1: names and the commas between them.</summary>
    IEnumerable<Doc> Listed(ParserRuleContext context, int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (context.GetChild(i) is Antlr4.Runtime.Tree.ITerminalNode comma)
                yield return Doc.Of(expressions.Leaf(comma.Symbol), " ");
            else
                yield return expressions.Tight(context.GetChild(i));
        }
    }

    /// <summary>`exchange name: a, b at c, d { ... }`.</summary>
    Row Exchange(MtlParser.ExchangeContext context)
    {
        var at = context.children.IndexOf(context.AT());
        var end = context.settings() is null ? context.ChildCount : context.ChildCount - 1;
        return Named(
            "exchange",
            context,
            context.settings(),
            [Doc.Of(Listed(context, 3, at))],
            Doc.Of([expressions.Leaf(context.AT().Symbol), " ", .. Listed(context, at + 1, end)])
        );
    }

    public Row BodyLine(ParserRuleContext context) =>
        context is MtlParser.LetContext let
            ? Let(let)
            : Row.Of(expressions.Token(context, 0), " ", expressions.Expression(((MtlParser.ResultContext)context).expr()));

    /// <summary>`path: list with path: list`.</summary>
    public Row Axis(MtlParser.AxisContext context)
    {
        var swept = context.swept();
        var path = Path(swept[0]);
        var values = new List<Doc> { expressions.Expression(swept[0].expr()) };
        for (var i = 1; i < swept.Length; i++)
        {
            var with = expressions.Token(context, (2 * i) - 1);
            values.Add(Doc.Indented(Line.Spaced, with, " ", Path(swept[i]), " ", expressions.Expression(swept[i].expr())));
        }
        return new("axis", (0, path), (1, Doc.Grouped(values)));
    }

    Doc Path(MtlParser.SweptContext context) => Doc.Of(expressions.Tight(context.target()), expressions.Token(context, 1));

    /// <summary>`resnet50`, or `resnet50(depth)`.</summary>
    Doc Backbone(MtlParser.EncoderContext context) =>
        context.feature() is { } feature
            ? Doc.Of(
                expressions.Tight(context.name(1)),
                expressions.Token(context, 4),
                expressions.Tight(feature),
                expressions.Token(context, 6)
            )
            : expressions.Tight(context.name(1));

    Doc Kind(MtlParser.TaskContext context)
    {
        var kind = expressions.Tight(context.name(1));
        return context.name(2) is { } of
            ? Doc.Of(kind, " ", expressions.Leaf(context.OF().Symbol), " ", expressions.Tight(of))
            : kind;
    }

    Row Decoder(MtlParser.DecoderContext context)
    {
        var features = new List<Doc>();
        var tasks = new List<Doc>();
        Doc? sign = null;
        for (var i = 3; i < context.ChildCount; i++)
        {
            switch (context.GetChild(i))
            {
                case MtlParser.SourceContext source:
                    var feature = Source(source);
                    features.Add(sign is null ? feature : Doc.Of(sign, " ", feature));
                    break;
                case MtlParser.NameContext task:
                    tasks.AddRange([sign!, " ", expressions.Tight(task)]); // "->" or ","
                    break;
                case Antlr4.Runtime.Tree.ITerminalNode terminal:
                    sign = expressions.Leaf(terminal.Symbol);
                    break;
            }
        }
        return Named("decoder", context, context.settings(), features, Doc.Of(tasks));
    }

    Doc Source(MtlParser.SourceContext context) =>
        (context.SKIPPED(), context.features()) switch
        {
            ({ } skip, _) => Doc.Of(expressions.Leaf(skip.Symbol), " ", expressions.Tight(context.feature())),
            (_, { } list) => expressions.Bracketed<MtlParser.FeatureContext>(list, expressions.Tight),
            _ => expressions.Tight(context.feature()),
        };

    /// <summary>`kind name: part part -> arrow { settings }`; where it is too wide, settings are broken first, then the
    /// parts.</summary>
    Row Named(string kind, ParserRuleContext context, MtlParser.SettingsContext? settings, List<Doc> parts, Doc? arrow = null)
    {
        var cells = new List<(int, Doc)>
        {
            (
                0,
                Doc.Of(expressions.Token(context, 0), " ", expressions.Tight(context.GetChild(1)), expressions.Token(context, 2))
            ),
        };
        cells.AddRange(parts.Select((p, i) => (i + 1, p)));
        if (arrow is not null)
            cells.Add((Arrow, arrow));
        var alone = Doc.Grouped(
            cells[0].Item2,
            " ",
            Doc.Indented(cells.Skip(1).SelectMany((c, i) => i == 0 ? new[] { c.Item2 } : [Line.Spaced, c.Item2]))
        );
        if (settings is null)
            return new(kind, cells, alone);
        var configuration = expressions.Settings(settings);
        cells.Add((Configuration, configuration));
        return new(kind, cells, Doc.Of(alone, " ", configuration));
    }
}
