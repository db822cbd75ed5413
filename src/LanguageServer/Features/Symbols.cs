using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.LanguageServer.Features;

/// <summary>What files declare: as an outline, and to be searched for.</summary>
static class Symbols
{
    const int MostFound = 500;

    public static DocumentSymbol[] Outline(FileSyntax tree) =>
        [.. tree.Declarations.Select(Declaration).OfType<DocumentSymbol>()];

    /// <summary>In all files of the workspace: names that hold the letters of the query in their order.</summary>
    public static SymbolInformation[] Search(Snapshot snapshot, string query) =>
        [
            .. snapshot
                .AllPaths.SelectMany(path =>
                    snapshot.Tree(path) is { } tree
                        ? Flat(Outline(tree), null)
                            .Where(s => Matches(s.Symbol.Name, query))
                            .Select(s => new SymbolInformation(
                                s.Symbol.Name,
                                s.Symbol.Kind,
                                new(snapshot.UriOf(path), s.Symbol.SelectionRange),
                                s.Container ?? Path.GetFileName(path)
                            ))
                        : []
                )
                .Take(MostFound),
        ];

    static IEnumerable<(DocumentSymbol Symbol, string? Container)> Flat(IEnumerable<DocumentSymbol> symbols, string? container) =>
        symbols.SelectMany(s => Flat(s.Children, s.Name).Prepend((s, container)));

    static bool Matches(string name, string query)
    {
        var at = 0;
        foreach (var letter in name)
        {
            if (at < query.Length && char.ToLowerInvariant(letter) == char.ToLowerInvariant(query[at]))
                at++;
        }
        return at == query.Length;
    }

    static DocumentSymbol? Declaration(DeclarationSyntax declaration) =>
        declaration switch
        {
            ModelSyntax model => Symbol(model.Name, "model", SymbolKind.Class, model, model.Statements.Select(Statement)),
            ComponentSyntax component => Symbol(
                component.Name,
                $"component({string.Join(", ", component.Parameters.Select(p => p.Name.Text))})",
                SymbolKind.Function,
                component,
                component.Lets.Select(l => Symbol(l.Name, "let", SymbolKind.Variable, l))
            ),
            FileLetSyntax { Let: var let } => Symbol(let.Name, "let", SymbolKind.Constant, let),
            RecipeSyntax recipe => new(
                recipe.Kind == RecipeKind.Data ? "data" : "train",
                null,
                SymbolKind.Object,
                recipe.Span.ToRange(),
                recipe.Span.ToRange(),
                [.. recipe.Settings.Items.Select(Setting)]
            ),
            SweepSyntax sweep => Symbol(
                sweep.Name,
                "sweep",
                SymbolKind.Array,
                sweep,
                sweep.Axes.SelectMany(a => a.Paired).Select(s => Key(s.Path, s))
            ),
            ReportSyntax report => Symbol(
                report.Name,
                "report",
                SymbolKind.Module,
                report,
                report.Settings.Items.Select(Setting)
            ),
            _ => null,
        };

    static DocumentSymbol? Statement(StatementSyntax statement) =>
        statement switch
        {
            TaskSyntax task => Symbol(task.Name, $"task: {task.Kind.Text}", SymbolKind.Interface, task),
            InputSyntax input => Symbol(input.Name, $"input: {input.Kind.Text}", SymbolKind.Field, input),
            EncoderSyntax encoder => Symbol(encoder.Name, $"encoder: {encoder.Backbone.Text}", SymbolKind.Field, encoder),
            AsppSyntax aspp => Symbol(aspp.Name, "aspp", SymbolKind.Field, aspp),
            AttentionSyntax attention => Symbol(attention.Name, "attention", SymbolKind.Field, attention),
            DecoderSyntax decoder => Symbol(
                decoder.Name,
                $"decoder -> {string.Join(", ", decoder.Tasks.Select(t => t.Text))}",
                SymbolKind.Field,
                decoder
            ),
            ModelLetSyntax { Let: var let } => Symbol(let.Name, "let", SymbolKind.Variable, let),
            ShareSyntax share => Symbol(share.Name, $"share: {share.Component.Text}", SymbolKind.Field, share),
            ExchangeSyntax exchange => Symbol(exchange.Name, "exchange", SymbolKind.Field, exchange),
            RefineSyntax refine => Symbol(refine.Task, $"refine: {refine.Component.Name.Text}", SymbolKind.Method, refine),
            LossSyntax loss => new("loss", null, SymbolKind.Operator, loss.Span.ToRange(), loss.Span.ToRange(), []),
            _ => null,
        };

    static DocumentSymbol Setting(SettingSyntax setting) => Key(setting.Key, setting);

    static DocumentSymbol Key(PathSyntax key, SyntaxNode whole) =>
        new(key.ToString(), null, SymbolKind.Property, whole.Span.ToRange(), key.Span.ToRange(), []);

    // A declaration whose name could not be read has none to show.
    static DocumentSymbol? Symbol(
        NameSyntax name,
        string detail,
        SymbolKind kind,
        SyntaxNode whole,
        IEnumerable<DocumentSymbol?>? children = null
    ) =>
        name.Text.Length == 0
            ? null
            : new(
                name.Text,
                detail,
                kind,
                Covering(whole.Span, name.Span).ToRange(),
                name.Span.ToRange(),
                [.. (children ?? []).OfType<DocumentSymbol>()]
            );

    static SourceSpan Covering(SourceSpan whole, SourceSpan part) =>
        whole.Source.Span(Math.Min(whole.Start, part.Start), Math.Max(whole.End, part.End) - Math.Min(whole.Start, part.Start));
}
