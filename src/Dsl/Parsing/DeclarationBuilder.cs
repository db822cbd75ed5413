using System.Collections.Immutable;
using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>Makes a file's declarations of parse trees. A declaration whose head could not be read is left out.</summary>
sealed class DeclarationBuilder(SourceText source, DiagnosticBag diagnostics)
{
    readonly ExpressionBuilder expressions = new(source, diagnostics);
    readonly StatementBuilder statements = new(source, diagnostics);

    public ImmutableArray<DeclarationSyntax> Declarations(MtlParser.FileContext file) =>
        [.. file.declaration().SelectMany(Declared)];

    IEnumerable<DeclarationSyntax> Declared(MtlParser.DeclarationContext context) =>
        context.GetChild(0) is MtlParser.LetContext let ? statements.Lets(let).Select(l => new FileLetSyntax(l))
        : Declaration(context) is { } declaration ? [declaration]
        : [];

    DeclarationSyntax? Declaration(MtlParser.DeclarationContext context) =>
        context.GetChild(0) switch
        {
            MtlParser.AssignmentContext set => Set(set),
            MtlParser.IncludeContext { exception: null } import => Import(import),
            MtlParser.ModelContext { exception: null } model => new ModelSyntax(
                Name(model.name()),
                [.. model.statement().SelectMany(statements.Statements)],
                Span(model)
            ),
            MtlParser.ComponentContext { exception: null } component => Component(component),
            MtlParser.RecipeContext { exception: null } recipe => new RecipeSyntax(
                recipe.Start.Type == MtlLexer.DATA ? RecipeKind.Data : RecipeKind.Train,
                expressions.Settings(recipe.settings()),
                Span(recipe)
            ),
            MtlParser.SweepContext { exception: null } sweep => Sweep(sweep),
            MtlParser.ReportContext { exception: null } report => new ReportSyntax(
                Name(report.name()),
                expressions.Settings(report.settings()),
                Span(report)
            ),
            _ => null,
        };

    ImportSyntax? Import(MtlParser.IncludeContext context)
    {
        var file = ((SourceToken)context.STRING().Symbol).Span;
        return ExpressionBuilder.IsClosed(file.Text) ? new(file.Text[1..^1], file, Span(context)) : null;
    }

    SetSyntax? Set(MtlParser.AssignmentContext context)
    {
        if (expressions.Path(context.target()) is not { } path)
            return null;
        var rest = source.Span(path.Span.End, Math.Max(0, Span(context).End - path.Span.End));
        return new(
            path,
            context.exception is null ? expressions.Value(context.value(), rest) : new ErrorExpressionSyntax(rest),
            Span(context)
        );
    }

    SweepSyntax Sweep(MtlParser.SweepContext context)
    {
        Commas.Check(context, diagnostics);
        var axes = context
            .axis()
            .Where(a => a.exception is null)
            .Select(a => new AxisSyntax([.. a.swept().Select(Swept).OfType<SweptSyntax>()], Span(a)));
        // A `let` may be called stop as well: its line has a list of values.
        var lines = axes.Where(a => a.Paired.Length > 0)
            .ToLookup(a => a.Paired is [{ Path.Parts: [{ Text: "stop" }], Values: CallSyntax { Name.Text: "halving" } }]);
        return new(Name(context.name()), [.. lines[false]], [.. lines[true].Select(a => a.Paired[0])], Span(context));
    }

    SweptSyntax? Swept(MtlParser.SweptContext context) =>
        expressions.Path(context.target()) is { } path
            ? new(path, expressions.Expression(context.expr(), Span(context)), Span(context))
            : null;

    ComponentSyntax Component(MtlParser.ComponentContext context)
    {
        var name = Name(context.name());
        var body = context.body();
        var results = body.result();
        if (results.Length == 0 && !AlreadyDiagnosed(Span(body)))
            diagnostics.Add(SyntaxErrors.MissingReturn(name, ((SourceToken)body.Stop).Span));
        foreach (var second in results.Skip(1))
            diagnostics.Add(SyntaxErrors.SecondReturn(Span(second), Span(results[0])));
        if (results.Length == 1)
        {
            foreach (var late in body.let().Where(l => l.Start.TokenIndex > results[0].Start.TokenIndex).Take(1))
                diagnostics.Add(SyntaxErrors.AfterReturn(Span(late), Span(results[0])));
        }
        var result =
            results.Length > 0
                ? expressions.Expression(results[0].expr(), Span(results[0]))
                : new ErrorExpressionSyntax(Span(body));
        return new(
            name,
            [.. context.parameter().Select(Parameter)],
            [.. body.let().SelectMany(statements.Lets)],
            result,
            Span(context)
        );
    }

    ParameterSyntax Parameter(MtlParser.ParameterContext context) =>
        new(
            Name(context.name()),
            context.expr() is { } value ? expressions.Expression(value, Span(context)) : null,
            Span(context)
        );

    bool AlreadyDiagnosed(SourceSpan where) =>
        diagnostics.ToSorted().Any(d => d.Span.Source == source && d.Span.Start >= where.Start && d.Span.Start <= where.End);

    static NameSyntax Name(ParserRuleContext context) => ExpressionBuilder.Name(context);

    static SourceSpan Span(ParserRuleContext context) => ExpressionBuilder.Span(context);
}
