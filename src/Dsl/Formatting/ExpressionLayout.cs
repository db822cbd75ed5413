using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Parsing;

namespace Mtlc.Dsl.Formatting;

/// <summary>Values, calls and settings as documents.</summary>
sealed class ExpressionLayout(Leaves leaves)
{
    public Doc Leaf(IToken token) => leaves.Leaf(token);

    /// <summary>Names, paths and features: nothing between their tokens.</summary>
    public Doc Tight(IParseTree tree) =>
        tree is ITerminalNode terminal
            ? Leaf(terminal.Symbol)
            : Doc.Of(Enumerable.Range(0, tree.ChildCount).Select(i => Tight(tree.GetChild(i))));

    public Doc Expression(MtlParser.ExprContext context) =>
        context switch
        {
            MtlParser.BinaryContext binary => Chain(binary),
            MtlParser.PipeContext pipe => Pipe(pipe),
            MtlParser.IndexContext index => Doc.Of(
                Expression(index.expr(0)),
                Token(index, 1),
                Expression(index.expr(1)),
                Token(index, 3)
            ),
            MtlParser.MemberContext member => Doc.Of(Expression(member.expr()), Token(member, 1), Tight(member.word())),
            MtlParser.NegateContext negate => Doc.Of(Token(negate, 0), Expression(negate.expr())),
            MtlParser.NotContext not => Doc.Of(Token(not, 0), " ", Expression(not.expr())),
            MtlParser.ConditionalContext conditional => Conditional(conditional),
            MtlParser.CallOrNameContext call => Call(call.call()),
            MtlParser.ListValueContext list => List(list.list()),
            MtlParser.ParenthesizedContext inner => Doc.Of(Token(inner, 0), Expression(inner.expr()), Token(inner, 2)),
            _ => Tight(context),
        };

    public Doc Value(MtlParser.ValueContext context)
    {
        if (context.until() is { } until)
            return Doc.Of([
                Token(until, 0),
                " ",
                .. Enumerable.Range(1, until.ChildCount - 1).Select(i => Tight(until.GetChild(i))),
            ]);
        if (context.except() is { } except)
            return Doc.Of(Enumerable.Range(0, except.ChildCount).SelectMany(i => Spaced(Tight(except.GetChild(i)), i)));
        if (context.expr() is not { } expression)
            return Settings(context.settings());
        var head = Expression(expression);
        return context.settings() is { } settings ? Doc.Of(head, " ", Settings(settings)) : head;
    }

    static IEnumerable<Doc> Spaced(Doc word, int place) => place == 0 ? [word] : [" ", word];

    public Doc Call(MtlParser.CallContext context)
    {
        var name = Tight(context.name());
        return context.arguments() is { } arguments
            ? Doc.Of(name, Bracketed<MtlParser.ArgumentContext>(arguments, Argument))
            : name;
    }

    /// <summary>`{ a: 1, b: 2 }` where the writer kept it on one line and it fits; else a line for each line of the
    /// writer's.</summary>
    public Doc Settings(MtlParser.SettingsContext context) =>
        Braced(context, context.setting(), settings => Doc.Grouped(Parted(settings.Select(Setting))));

    /// <param name="elements">Parted by commas or line breaks.</param>
    /// <param name="line">Lays out the elements that the writer put on one line.</param>
    public Doc Braced<T>(ParserRuleContext context, IReadOnlyList<T> elements, Func<IReadOnlyList<T>, Doc> line)
        where T : ParserRuleContext
    {
        var (open, close) = (Brace(context, MtlLexer.BRACE), Brace(context, MtlLexer.UNBRACE));
        var opening = Leaf(open);
        if (elements.Count == 0)
            return new Block(leaves).End(opening, close);
        if (!((SourceToken)elements[0].Start).FirstOnLine)
        {
            var inner = line(elements);
            var flat = inner is Group { Inner: var parts } ? parts : inner;
            var last = leaves.TakeLeading(close).SelectMany(c => new[] { Line.Hard, c.Comment });
            return Doc.Grouped(opening, Doc.Indented([Line.Spaced, flat, .. last]), Line.Spaced, Leaf(close));
        }
        var block = new Block(leaves);
        for (var (from, to) = (0, 0); from < elements.Count; from = to)
        {
            for (to = from + 1; to < elements.Count && !((SourceToken)elements[to].Start).FirstOnLine; )
                to++;
            var group = elements.Skip(from).Take(to - from).ToList();
            block.Add(leaves.TakeLeading(group[0].Start), leaves.AfterBlankLine(group[0].Start), line(group));
        }
        return block.End(opening, close);
    }

    public static IEnumerable<Doc> Parted(IEnumerable<Doc> elements) =>
        elements.SelectMany((e, i) => i == 0 ? new[] { e } : [Line.Comma, e]);

    Doc Setting(MtlParser.SettingContext context) =>
        Doc.Of(Tight(context.path()), Token(context, 1), " ", Value(context.value()));

    Doc Argument(MtlParser.ArgumentContext context) =>
        context.name() is { } name ? Doc.Of(Tight(name), Token(context, 1), " ", Value(context.value())) : Value(context.value());

    /// <summary>A chain of operators that bind alike is broken before each or nowhere.</summary>
    Doc Chain(MtlParser.BinaryContext context)
    {
        var links = new Stack<MtlParser.BinaryContext>();
        MtlParser.ExprContext first = context;
        while (first is MtlParser.BinaryContext link && Rank(link.op.Type) == Rank(context.op.Type))
        {
            links.Push(link);
            first = link.expr(0);
        }
        var parts = new List<Doc> { Expression(first) };
        var tight = context.op.Type == MtlLexer.RANGE || IsFeature(context);
        var rest = new List<Doc>();
        foreach (var link in links)
        {
            rest.AddRange(tight ? [] : [Line.Spaced]);
            rest.Add(Leaf(link.op));
            rest.AddRange(tight ? [] : [Doc.Space]);
            rest.Add(Expression(link.expr(1)));
        }
        return Doc.Grouped(parts[0], Doc.Indented(rest));
    }

    /// <summary>`trunk/4` is a feature where trunk is an encoder, and a division elsewhere: as binding alone tells, the writer's
    /// spaces stay.</summary>
    static bool IsFeature(MtlParser.BinaryContext context) =>
        context
            is {
                op: SourceToken { Type: MtlLexer.OVER } over,
                Start: SourceToken start,
                Stop: SourceToken { Type: MtlLexer.NUMBER } stop
            }
        && context.expr(0) is MtlParser.CallOrNameContext { Stop: var end }
        && end == start
        && start.Span.End == over.Span.Start
        && over.Span.End == stop.Span.Start;

    static int Rank(int op) =>
        op switch
        {
            MtlLexer.TIMES or MtlLexer.OVER => 0,
            MtlLexer.PLUS or MtlLexer.MINUS => 1,
            MtlLexer.AND => 3,
            MtlLexer.OR => 4,
            MtlLexer.RANGE => 5,
            _ => 2,
        };

    Doc Pipe(MtlParser.PipeContext context)
    {
        var links = new Stack<MtlParser.PipeContext>();
        MtlParser.ExprContext first = context;
        for (; first is MtlParser.PipeContext link; first = link.expr())
            links.Push(link);
        var input = Expression(first);
        return Doc.Grouped(
            input,
            Doc.Indented(links.SelectMany(l => new[] { Line.Spaced, Token(l, 1), " ", Stage(l.stage()) }).ToList())
        );
    }

    Doc Stage(MtlParser.StageContext context) =>
        context.call() is { } call
            ? Call(call)
            : Doc.Of(
                Token(context, 0),
                " ",
                Tight(context.name()),
                " ",
                Token(context, 2),
                " ",
                Expression(context.expr()),
                Token(context, 4),
                " ",
                Stage(context.stage())
            );

    Doc Conditional(MtlParser.ConditionalContext context) =>
        Doc.Grouped(
            Token(context, 0),
            " ",
            Expression(context.expr(0)),
            Doc.Indented(
                Line.Spaced,
                Token(context, 2),
                " ",
                Expression(context.expr(1)),
                Line.Spaced,
                Token(context, 4),
                " ",
                Expression(context.expr(2))
            )
        );

    Doc List(MtlParser.ListContext context) =>
        context.FOR() is not null
            ? Doc.Grouped(
                Token(context, 0),
                Doc.Indented(
                    Line.Tight,
                    Token(context, 1),
                    " ",
                    Tight(context.name()),
                    " ",
                    Token(context, 3),
                    " ",
                    Expression(context.expr(0)),
                    Token(context, 5),
                    " ",
                    Expression(context.expr(1))
                ),
                Line.Tight,
                Token(context, 7)
            )
            : Bracketed<MtlParser.ValueContext>(context, Value, fill: context.value().All(IsAtom));

    /// <summary>Lists of plain values are filled line by line; any other that does not fit has a line for each element.</summary>
    static bool IsAtom(MtlParser.ValueContext value) =>
        value.settings() is null && value.expr() is { } expression && IsAtom(expression);

    static bool IsAtom(MtlParser.ExprContext expression) =>
        expression switch
        {
            MtlParser.NegateContext negate => IsAtom(negate.expr()),
            MtlParser.CallOrNameContext name => name.call().arguments() is null,
            _ => expression
                is MtlParser.NumberContext
                    or MtlParser.SizeContext
                    or MtlParser.FactorContext
                    or MtlParser.TextContext
                    or MtlParser.BooleanContext,
        };

    /// <param name="from">Which child of the rule the opening bracket is.</param>
    public Doc Bracketed<T>(ParserRuleContext context, Func<T, Doc> element, bool fill = false, int from = 0)
        where T : ParserRuleContext
    {
        var opening = Token(context, from);
        var elements = new List<Doc>();
        ITerminalNode? comma = null;
        IToken? close = null;
        for (var i = from + 1; close is null; i++)
        {
            if (context.GetChild(i) is T child)
            {
                if (comma is not null)
                    elements[^1] = Doc.Of(elements[^1], Leaf(comma.Symbol));
                elements.Add(element(child));
                comma = null;
            }
            else if (context.GetChild(i) is ITerminalNode terminal)
            {
                if (terminal.Symbol.Type == MtlLexer.COMMA)
                    comma = terminal;
                else
                    close = terminal.Symbol;
            }
        }
        var last = leaves.TakeLeading(close);
        if (elements.Count == 0 && last.Count == 0)
            return Doc.Of(opening, Leaf(close));
        var filled = fill && last.Count == 0 && !opening.EndsLine && !elements.Exists(e => e.HasBreak || e.EndsLine);
        var lines = elements.Concat(last.Select(c => c.Comment));
        var inner = lines.SelectMany((e, i) => i == 0 ? new[] { e } : [filled ? new Group(Line.Spaced) : Line.Spaced, e]);
        return Doc.Grouped(opening, Doc.Indented([Line.Tight, .. inner]), Line.Tight, Leaf(close));
    }

    /// <summary>The token that is a rule's child of this number.</summary>
    public Doc Token(ParserRuleContext context, int child) => Leaf(((ITerminalNode)context.GetChild(child)).Symbol);

    public static IToken Brace(ParserRuleContext context, int type) => context.GetToken(type, 0).Symbol;
}
