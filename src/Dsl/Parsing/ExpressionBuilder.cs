using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// Makes expressions of parse trees. Chains (`a + b + c`, `x |> f |> g`) grow to the left without end, so they are walked and not
/// called into; <c>depth</c> is the level of the tree on which a piece will lie. </summary>
sealed class ExpressionBuilder(SourceText source, DiagnosticBag diagnostics)
{
    /// <summary>Integers up to here are exact.</summary>
    const double LargestInteger = 1L << 53;

    public ExpressionSyntax Expression(MtlParser.ExprContext? context, SourceSpan fallback, int depth = 0)
    {
        if (context is not { exception: null })
            return new ErrorExpressionSyntax(IsEmpty(context) ? fallback : Span(context!));
        var links = new Stack<MtlParser.ExprContext>();
        var start = context;
        while (Left(start) is { } left)
        {
            links.Push(start);
            start = left;
        }
        if (depth + links.Count > SyntaxLimits.ExpressionDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            diagnostics.Add(
                links.Count > SyntaxLimits.Brackets
                    ? SyntaxErrors.ChainTooLong(Span(context), links.Count)
                    : SyntaxErrors.TooDeep(Span(context))
            );
            return new ErrorExpressionSyntax(Span(context));
        }
        var expression = First(start, depth + links.Count);
        while (links.TryPop(out var link))
            expression = Linked(expression, link, depth + links.Count + 1);
        return expression;
    }

    /// <summary>Nothing was read: where it begins stands what follows.</summary>
    static bool IsEmpty(ParserRuleContext? context) =>
        context is not { Start: SourceToken start, Stop: SourceToken stop } || stop.Span.End <= start.Span.Start;

    public ExpressionSyntax Value(MtlParser.ValueContext? context, SourceSpan fallback, int depth = 0)
    {
        if (context is not { exception: null })
            return new ErrorExpressionSyntax(IsEmpty(context) ? fallback : Span(context!));
        if (context.until() is { } until)
            return new UntilSyntax(Name(until.name()), [.. until.place().Select(Place)], Span(until));
        if (context.except() is { } except)
            return new ExceptSyntax([.. except.word().Select(Name)], Span(except));
        var head = context.expr() is { } expression ? Expression(expression, fallback, depth) : null;
        if (context.settings() is not { } settings)
            return head!;
        if (depth < SyntaxLimits.ExpressionDepth)
            return new ConfiguredSyntax(head, Settings(settings, depth + 1), Span(context));
        diagnostics.Add(SyntaxErrors.TooDeep(Span(settings)));
        return new ErrorExpressionSyntax(Span(context));
    }

    public SettingsSyntax Settings(MtlParser.SettingsContext context, int depth = 0)
    {
        Commas.Check(context, diagnostics);
        return new([.. context.setting().Select(s => Setting(s, depth)).OfType<SettingSyntax>()], Span(context));
    }

    public SettingsSyntax? OptionalSettings(MtlParser.SettingsContext? context) => context is null ? null : Settings(context);

    SettingSyntax? Setting(MtlParser.SettingContext context, int depth)
    {
        if (Path(context.path()) is not { } path)
            return null;
        var rest = source.Span(path.Span.End, Math.Max(0, Span(context).End - path.Span.End));
        return new(
            path,
            context.exception is null ? Value(context.value(), rest, depth) : new ErrorExpressionSyntax(rest),
            Span(context)
        );
    }

    public CallSyntax Call(MtlParser.CallContext context, int depth = 0) =>
        new(
            Name(context.name()),
            context.arguments() is { } arguments ? [.. arguments.argument().Select(a => Argument(a, depth))] : [],
            Span(context)
        );

    ArgumentSyntax Argument(MtlParser.ArgumentContext context, int depth) =>
        new(context.name() is { } name ? Name(name) : null, Value(context.value(), Span(context), depth + 1), Span(context));

    /// <param name="context">A path or a target, which differ in their first word alone.</param>
    public PathSyntax? Path(ParserRuleContext? context)
    {
        if (context is not { exception: null })
            return null;
        var parts = ImmutableArray.CreateBuilder<NameSyntax>();
        foreach (var child in context.children)
        {
            if (child is ParserRuleContext word)
            {
                parts.Add(Name(word));
            }
            else if (child.Payload is SourceToken { Type: MtlLexer.NUMBER } number)
            {
                // The lexer reads `0.1` of `list.0.1` as one number.
                var start = number.Span.Start;
                foreach (var index in number.Span.Text.Split('.'))
                {
                    var span = source.Span(start, index.Length);
                    start += index.Length + 1;
                    if (!number.Repaired && !index.All(char.IsAsciiDigit))
                        diagnostics.Add(SyntaxErrors.NotWhole(span, "a list's index"));
                    if (number.Repaired || !index.All(char.IsAsciiDigit))
                        return null;
                    parts.Add(new(index, span));
                }
            }
        }
        return new(parts.ToImmutable(), Span(context));
    }

    public static NameSyntax Name(ParserRuleContext context) => new(context.GetText(), Span(context));

    /// <summary>A number that cannot be held is no value: what reads it stays silent.</summary>
    ExpressionSyntax Literal(SourceToken token)
    {
        var before = diagnostics.Count;
        var number = Number(token);
        return diagnostics.Count > before ? new ErrorExpressionSyntax(token.Span) : number;
    }

    public NumberSyntax Number(SourceToken token)
    {
        var text = token.Repaired ? string.Concat(token.Text.TakeWhile(char.IsAsciiDigit)) : token.Text;
        var isInteger = text.All(char.IsAsciiDigit);
        var value = text.Length == 0 ? 0 : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (isInteger ? value > LargestInteger : double.IsInfinity(value))
        {
            diagnostics.Add(SyntaxErrors.NumberOutOfRange(token.Span, isInteger ? LargestInteger : double.MaxValue));
            value = 0;
        }
        return new(value, isInteger, token.Text, token.Span);
    }

    /// <summary>`[5]`, `[-2]`: the number.</summary>
    public ExpressionSyntax Place(MtlParser.PlaceContext context)
    {
        if (context.NUMBER()?.Symbol is not SourceToken token)
            return new ErrorExpressionSyntax(Span(context));
        var number = Number(token);
        return context.MINUS() is { Symbol: SourceToken minus }
            ? new UnarySyntax(UnaryOperator.Negate, number, minus.Span.To(number.Span))
            : number;
    }

    public static SourceSpan Span(ParserRuleContext context)
    {
        var start = ((SourceToken)context.Start).Span;
        return context.Stop is SourceToken stop && stop.Span.End >= start.Start ? start.To(stop.Span) : start;
    }

    /// <summary>Whether a text has both its quotes, right or wrong ones.</summary>
    public static bool IsClosed(string text) =>
        text.Length > 1 && text[^1] is '"' or '\'' or '\u00BB' or (>= '\u201C' and <= '\u201F');

    /// <summary>The left end of a chain's last link.</summary>
    static MtlParser.ExprContext? Left(MtlParser.ExprContext context) =>
        context switch
        {
            MtlParser.BinaryContext binary => binary.expr(0),
            MtlParser.PipeContext pipe => pipe.expr(),
            MtlParser.IndexContext index => index.expr(0),
            MtlParser.MemberContext member => member.expr(),
            _ => null,
        };

    ExpressionSyntax Linked(ExpressionSyntax left, MtlParser.ExprContext link, int depth)
    {
        var span = left.Span.To(Span(link));
        switch (link)
        {
            case MtlParser.BinaryContext binary:
                var right = Expression(binary.expr(1), span, depth);
                return new BinarySyntax(Operator(binary.op.Type), left, right, ((SourceToken)binary.op).Span, span);
            case MtlParser.IndexContext index:
                return new IndexSyntax(left, Expression(index.expr(1), span, depth), span);
            case MtlParser.MemberContext member:
                return new MemberSyntax(left, Name(member.word()), span);
            case MtlParser.PipeContext pipe:
                var stage = Stage(pipe.stage(), depth);
                return left is PipeSyntax chain
                    ? chain with
                    {
                        Stages = chain.Stages.Add(stage),
                        Span = span,
                    }
                    : new PipeSyntax(left, [stage], span);
            default:
                throw new InvalidOperationException($"{link.GetType().Name} is no link of a chain.");
        }
    }

    ExpressionSyntax First(MtlParser.ExprContext context, int depth)
    {
        var span = Span(context);
        return context switch
        {
            MtlParser.NegateContext negate => new UnarySyntax(
                UnaryOperator.Negate,
                Expression(negate.expr(), span, depth + 1),
                span
            ),
            MtlParser.NotContext not => new UnarySyntax(UnaryOperator.Not, Expression(not.expr(), span, depth + 1), span),
            MtlParser.ConditionalContext conditional => new ConditionalSyntax(
                Expression(conditional.expr(0), span, depth + 1),
                Expression(conditional.expr(1), span, depth + 1),
                Expression(conditional.expr(2), span, depth + 1),
                span
            ),
            MtlParser.ParenthesizedContext inner => new ParenthesizedSyntax(Expression(inner.expr(), span, depth + 1), span),
            MtlParser.CallOrNameContext call when call.call().arguments() is not null => Call(call.call(), depth),
            MtlParser.CallOrNameContext { Start: SourceToken { Missing: false } } name => new ReferenceSyntax(
                Name(name.call().name())
            ),
            MtlParser.ListValueContext list => List(list.list(), depth + 1),
            MtlParser.NumberContext { Start: SourceToken { Repaired: false } number } => Literal(number),
            MtlParser.SizeContext => Size(span),
            MtlParser.FactorContext => Factor(span),
            MtlParser.TextContext when IsClosed(span.Text) => new StringSyntax(span.Text[1..^1], span),
            MtlParser.BooleanContext => new BooleanSyntax(context.Start.Type == MtlLexer.TRUE, span),
            _ => new ErrorExpressionSyntax(span),
        };
    }

    StageSyntax Stage(MtlParser.StageContext context, int depth)
    {
        // `for i in a: for j in b: ...` nests to the right; the innermost is a call.
        if (context.call() is { } call)
            return new CallStageSyntax(Call(call, depth));
        var span = Span(context);
        var items = Expression(context.expr(), span, depth + 1);
        if (depth < SyntaxLimits.ExpressionDepth)
            return new LoopStageSyntax(Name(context.name()), items, Stage(context.stage(), depth + 1), span);
        diagnostics.Add(SyntaxErrors.TooDeep(span));
        return new CallStageSyntax(new(Name(context.name()), [], span));
    }

    ExpressionSyntax List(MtlParser.ListContext context, int depth) =>
        context.FOR() is not null
            ? new ComprehensionSyntax(
                Name(context.name()),
                Expression(context.expr(0), Span(context), depth),
                Expression(context.expr(1), Span(context), depth),
                Span(context)
            )
            : new ListSyntax([.. context.value().Select(v => Value(v, Span(context), depth))], Span(context));

    ExpressionSyntax Size(SourceSpan span)
    {
        var sides = span.Text.Split('x');
        if (
            int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && height is > 0 and <= SyntaxLimits.Side
            && width is > 0 and <= SyntaxLimits.Side
        )
            return new SizeSyntax(height, width, span);
        diagnostics.Add(SyntaxErrors.SideOutOfRange(span));
        return new ErrorExpressionSyntax(span);
    }

    ExpressionSyntax Factor(SourceSpan span)
    {
        var value = double.Parse(span.Text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture);
        if (double.IsFinite(value))
            return new FactorSyntax(value, span.Text, span);
        diagnostics.Add(SyntaxErrors.NumberOutOfRange(span, double.MaxValue));
        return new ErrorExpressionSyntax(span);
    }

    static BinaryOperator Operator(int type) =>
        type switch
        {
            MtlLexer.PLUS => BinaryOperator.Add,
            MtlLexer.MINUS => BinaryOperator.Subtract,
            MtlLexer.TIMES => BinaryOperator.Multiply,
            MtlLexer.OVER => BinaryOperator.Divide,
            MtlLexer.EQUAL => BinaryOperator.Equal,
            MtlLexer.UNEQUAL => BinaryOperator.NotEqual,
            MtlLexer.LESS => BinaryOperator.Less,
            MtlLexer.LESS_EQUAL => BinaryOperator.LessOrEqual,
            MtlLexer.GREATER => BinaryOperator.Greater,
            MtlLexer.GREATER_EQUAL => BinaryOperator.GreaterOrEqual,
            MtlLexer.AND => BinaryOperator.And,
            MtlLexer.OR => BinaryOperator.Or,
            _ => BinaryOperator.Range,
        };
}
