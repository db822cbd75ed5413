using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>Makes a model's statements of parse trees. A statement that could not be read is left out, unless only its value is
/// missing.</summary>
sealed class StatementBuilder(SourceText source, DiagnosticBag diagnostics)
{
    readonly ExpressionBuilder expressions = new(source, diagnostics);

    public IEnumerable<StatementSyntax> Statements(MtlParser.StatementContext context) =>
        context.GetChild(0) is MtlParser.LetContext let ? Lets(let).Select(l => new ModelLetSyntax(l))
        : Statement(context) is { } statement ? [statement]
        : [];

    StatementSyntax? Statement(MtlParser.StatementContext context) =>
        context.GetChild(0) switch
        {
            MtlParser.LossContext loss => new LossSyntax(expressions.Expression(loss.expr(), Span(loss)), Span(loss)),
            MtlParser.TaskContext { exception: null } task => new TaskSyntax(
                Name(task.name(0)),
                Name(task.name(1)),
                task.name(2) is { } of ? Name(of) : null,
                expressions.OptionalSettings(task.settings()),
                Span(task)
            ),
            MtlParser.InputContext { exception: null } input => new InputSyntax(
                Name(input.name(0)),
                Name(input.name(1)),
                expressions.OptionalSettings(input.settings()),
                Span(input)
            ),
            MtlParser.EncoderContext { exception: null } encoder => new EncoderSyntax(
                Name(encoder.name(0)),
                Name(encoder.name(1)),
                expressions.OptionalSettings(encoder.settings()),
                Span(encoder)
            )
            {
                Source = encoder.feature() is { } feature ? Feature(feature) : null,
            },
            MtlParser.AsppContext { exception: null } aspp => new AsppSyntax(
                Name(aspp.name()),
                Feature(aspp.feature()),
                expressions.Expression(aspp.expr(), Span(aspp)),
                expressions.OptionalSettings(aspp.settings()),
                Span(aspp)
            ),
            MtlParser.AttentionContext { exception: null } attention => new AttentionSyntax(
                Name(attention.name()),
                Feature(attention.feature()),
                expressions.OptionalSettings(attention.settings()),
                Span(attention)
            ),
            MtlParser.DecoderContext { exception: null } decoder => Decoder(decoder),
            MtlParser.RefineContext { exception: null } refine => new RefineSyntax(
                Name(refine.name()),
                expressions.Call(refine.call()),
                expressions.OptionalSettings(refine.settings()),
                Span(refine)
            ),
            MtlParser.ShareContext { exception: null } share => new ShareSyntax(
                Name(share.name(0)),
                Name(share.name(1)),
                expressions.OptionalSettings(share.settings()),
                Span(share)
            ),
            MtlParser.ExchangeContext { exception: null } exchange => new ExchangeSyntax(
                Name(exchange.name(0)),
                [.. exchange.name().Skip(1).Select(Name)],
                [.. exchange.position().Select(Position)],
                expressions.OptionalSettings(exchange.settings()),
                Span(exchange)
            ),
            _ => null,
        };

    /// <summary>One for each name.</summary>
    public IEnumerable<LetSyntax> Lets(MtlParser.LetContext context)
    {
        var names = context.name();
        if (names.Length == 0 || names.Any(n => n.exception is not null))
            return [];
        var rest = source.Span(Span(names[^1]).End, Math.Max(0, Span(context).End - Span(names[^1]).End));
        var value = context.exception is null ? expressions.Expression(context.expr(), rest) : new ErrorExpressionSyntax(rest);
        if (names.Length == 1)
            return [new(Name(names[0]), value, Span(context))];
        ImmutableArray<NameSyntax> all = [.. names.Select(Name)];
        return all.Select((name, i) => new LetSyntax(name, new PartSyntax(value, all, i, Span(context)), Span(context)));
    }

    PositionSyntax Position(MtlParser.PositionContext context) =>
        new(Name(context.word()), [.. context.place().Select(expressions.Place)], Span(context));

    DecoderSyntax Decoder(MtlParser.DecoderContext context)
    {
        var name = Name(context.name(0));
        var summands = ImmutableArray.CreateBuilder<FeatureSyntax>();
        var skips = ImmutableArray.CreateBuilder<FeatureSyntax>();
        var isList = false;
        foreach (var from in context.source())
        {
            if (from.features() is { } list)
            {
                if (from != context.source(0) || context.source().Skip(1).Any(s => s.SKIPPED() is null))
                    diagnostics.Add(SyntaxErrors.ListAlone(Span(from), name.Text));
                summands.AddRange(list.feature().Select(Feature));
                isList = true;
                continue;
            }
            var feature = Feature(from.feature());
            var isSkip = from.SKIPPED() is not null;
            if (isSkip && summands.Count == 0)
                diagnostics.Add(SyntaxErrors.SkipFirst(Span(from), name.Text));
            else if (!isSkip && skips.Count > 0 && summands.Count > 0)
                diagnostics.Add(SyntaxErrors.SkipFirst(Span(from), name.Text));
            (isSkip ? skips : summands).Add(feature);
        }
        var tasks = context.name().Skip(1).Select(Name);
        return new(
            name,
            summands.ToImmutable(),
            skips.ToImmutable(),
            [.. tasks],
            expressions.OptionalSettings(context.settings()),
            Span(context)
        )
        {
            IsList = isList,
        };
    }

    FeatureSyntax Feature(MtlParser.FeatureContext context)
    {
        var divisor = context.NUMBER()?.Symbol is SourceToken number ? expressions.Number(number) : null;
        if (divisor is { IsInteger: false } && context.NUMBER().Symbol is SourceToken { Repaired: false })
            diagnostics.Add(SyntaxErrors.NotWhole(divisor.Span, "what stands behind '/'"));
        return new(Name(context.name()), [.. context.word().Select(Name)], divisor, Span(context))
        {
            Places = [.. context.place().Select(expressions.Place)],
        };
    }

    static NameSyntax Name(Antlr4.Runtime.ParserRuleContext context) => ExpressionBuilder.Name(context);

    static SourceSpan Span(Antlr4.Runtime.ParserRuleContext context) => ExpressionBuilder.Span(context);
}
