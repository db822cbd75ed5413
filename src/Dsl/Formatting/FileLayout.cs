using Antlr4.Runtime;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Dsl.Formatting;

/// <summary>Declarations, and the blocks of statements in them, as documents.</summary>
sealed class FileLayout
{
    readonly Leaves leaves;
    readonly FormatStyle style;
    readonly ExpressionLayout expressions;
    readonly StatementLayout statements;
    MtlParser.FileContext? file;

    public FileLayout(Leaves leaves, FormatStyle style)
    {
        (this.leaves, this.style, expressions) = (leaves, style, new(leaves));
        statements = new(expressions);
    }

    public Doc File(MtlParser.FileContext file)
    {
        this.file = file;
        var block = new Block(leaves);
        Lines(block, file.declaration(), 0, Declaration);
        return block.End(file.Eof().Symbol);
    }

    /// <summary>Neighbours of one kind, without a blank line or a comment between them, stand in columns.</summary>
    void Lines<T>(Block block, IReadOnlyList<T> pieces, int depth, Func<T, Row> layout)
        where T : ParserRuleContext
    {
        var laid = pieces
            .Select(p => (Comments: leaves.TakeLeading(p.Start), AfterBlank: leaves.AfterBlankLine(p.Start), Row: layout(p)))
            .ToList();
        var width = style.Width - (depth * style.Indent);
        for (var (from, to) = (0, 0); from < laid.Count; from = to)
        {
            for (
                to = from + 1;
                to < laid.Count
                    && !laid[to].AfterBlank
                    && laid[to].Comments.Count == 0
                    && laid[to].Row.Follows(laid[to - 1].Row, width);

            )
                to++;
            var aligned = Row.Align([.. laid[from..to].Select(l => l.Row)], width);
            for (var i = from; i < to; i++)
                block.Add(laid[i].Comments, laid[i].AfterBlank, aligned[i - from]);
        }
    }

    Row Declaration(MtlParser.DeclarationContext context) =>
        context.GetChild(0) switch
        {
            MtlParser.LetContext let => statements.Let(let),
            MtlParser.AssignmentContext set => new(
                "set",
                (0, Doc.Of(expressions.Token(set, 0), " ", expressions.Tight(set.target()))),
                (1, Doc.Of(expressions.Token(set, 2), " ", expressions.Value(set.value())))
            ),
            MtlParser.IncludeContext import => Row.Of(expressions.Token(import, 0), " ", expressions.Token(import, 1)),
            MtlParser.ModelContext model => Row.Of(Head(model, 2), Model(model)),
            MtlParser.ComponentContext component => Row.Of(Component(component)),
            MtlParser.RecipeContext recipe => Row.Of(Head(recipe, 1), expressions.Settings(recipe.settings())),
            MtlParser.SweepContext sweep => Row.Of(Head(sweep, 2), Sweep(sweep)),
            MtlParser.ReportContext report => Row.Of(Head(report, 2), expressions.Settings(report.settings())),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no declaration."),
        };

    /// <summary>The words before a bracket, each with a space behind it.</summary>
    Doc Head(ParserRuleContext context, int words) =>
        Doc.Of(Enumerable.Range(0, words).SelectMany(i => new[] { expressions.Tight(context.GetChild(i)), " " }));

    Doc Model(MtlParser.ModelContext context)
    {
        var opening = leaves.Leaf(ExpressionLayout.Brace(context, MtlLexer.BRACE));
        var block = new Block(leaves);
        Lines(block, context.statement(), 1, statements.Statement);
        return block.End(opening, ExpressionLayout.Brace(context, MtlLexer.UNBRACE));
    }

    Doc Component(MtlParser.ComponentContext context)
    {
        var head = Doc.Of(
            expressions.Token(context, 0),
            " ",
            expressions.Tight(context.name()),
            expressions.Bracketed<MtlParser.ParameterContext>(context, Parameter, from: 2),
            " "
        );
        var body = context.body();
        var opening = leaves.Leaf(ExpressionLayout.Brace(body, MtlLexer.BRACE));
        var close = ExpressionLayout.Brace(body, MtlLexer.UNBRACE);
        var lines = body.children.OfType<ParserRuleContext>().ToList();
        // `component f(x) { return g(x) }` may stand on one line.
        if (lines.Count == 1 && !((SourceToken)lines[0].Start).FirstOnLine && !leaves.HasLeading(close))
            return Doc.Of(
                head,
                Doc.Grouped(
                    opening,
                    Doc.Indented(Line.Spaced, statements.BodyLine(lines[0]).Alone),
                    Line.Spaced,
                    leaves.Leaf(close)
                )
            );
        var block = new Block(leaves);
        Lines(block, lines, 1, statements.BodyLine);
        return Doc.Of(head, block.End(opening, close));
    }

    Doc Parameter(MtlParser.ParameterContext context) =>
        context.expr() is { } value
            ? Doc.Of(expressions.Tight(context.name()), " ", expressions.Token(context, 1), " ", expressions.Expression(value))
            : expressions.Tight(context.name());

    /// <summary>Axes on lines of their own stand in columns, those too that do not fit on the one line that the writer gave
    /// them.</summary>
    Doc Sweep(MtlParser.SweepContext context)
    {
        var axes = context.axis();
        var onOne = axes.Length > 0 && axes.All(a => !((SourceToken)a.Start).FirstOnLine);
        if (axes.Length == 0 || (onOne ? FitsOnOne(context) : axes.Any(a => !((SourceToken)a.Start).FirstOnLine)))
            return AxesByLine(context);
        var opening = leaves.Leaf(ExpressionLayout.Brace(context, MtlLexer.BRACE));
        var block = new Block(leaves);
        Lines(block, axes, 1, statements.Axis);
        return block.End(opening, ExpressionLayout.Brace(context, MtlLexer.UNBRACE));
    }

    Doc AxesByLine(MtlParser.SweepContext context) =>
        expressions.Braced(
            context,
            context.axis(),
            line => Doc.Grouped(ExpressionLayout.Parted(line.Select(a => statements.Axis(a).Alone)))
        );

    // Laid out once more, for comments are taken when they are laid out.
    bool FitsOnOne(MtlParser.SweepContext context) =>
        !leaves.HasCommentsIn(context)
        && new FileLayout(new(file!, TriviaSyntax.None), style) is var apart
        && apart.Head(context, 2).Width + apart.AxesByLine(context).Width <= style.Width;
}
