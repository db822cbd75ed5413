using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Mtlc.LanguageServer.Texts;
using Kind = Mtlc.LanguageServer.Protocol.CompletionItemKind;

namespace Mtlc.LanguageServer.Features;

/// <summary>What could be written at a cursor.</summary>
static class Completion
{
    static readonly (string Word, string Detail)[] FileWords =
    [
        ("import", "import \"FILE\""),
        ("set", "set PATH = VALUE"),
        ("let", "let NAME = EXPRESSION"),
        ("model", "model NAME { }"),
        ("component", "component NAME(x) { }"),
        ("data", "data { }"),
        ("train", "train { }"),
        ("sweep", "sweep NAME { PATH: [VALUES] }"),
        ("report", "report NAME { }"),
    ];

    public static CompletionList At(Analysis file, int offset)
    {
        var cursor = Cursor.At(file.Text, offset);
        if (cursor.IsInComment)
            return new(false, []);
        var range = file.Source.RangeOf(cursor.Start, offset);
        var items = (cursor.IsInText ? Texts(file, cursor) : Items(file, cursor))
            .DistinctBy(i => i.Label)
            .Select(
                (item, i) =>
                    item with
                    {
                        TextEdit = new(range, item.TextEdit?.NewText ?? item.Label),
                        SortText = i.ToString("D4", CultureInfo.InvariantCulture),
                    }
            );
        return new(false, [.. items]);
    }

    static IEnumerable<CompletionItem> Items(Analysis file, Cursor cursor)
    {
        var (level, words) = (cursor.Level, cursor.Level.Words);
        if (
            words is [.., var owner, "." or "/"]
            && cursor.Level.Block is not (Block.Settings or Block.Sweep)
            && level.First != "set"
        )
            return Features(file, owner, isStride: words[^1] == "/");
        if (
            level is { Block: Block.List, Words.Count: 0 }
            && cursor.Levels is [.., { Words: ["exchange", _, ":", var encoder, .., var chain] }, _]
        )
            return Steps(file, encoder)
                .Where(s => s.Label.StartsWith($"{chain}[", StringComparison.Ordinal))
                .Select(s => s with { Label = s.Label[(chain.Length + 1)..^1] });
        return level.Block switch
        {
            Block.File when words.Count == 0 => FileWords.Select(w => Keyword(w.Word, w.Detail)),
            Block.File => AtFile(file, cursor),
            Block.Model => InModel(file, cursor),
            Block.Body when words.Count == 0 => [Keyword("let", "let NAME = EXPRESSION"), Keyword("return", "return EXPRESSION")],
            Block.Settings or Block.Sweep => InSettings(file, cursor),
            Block.Report => words.Contains(":") ? [Word("table"), Word("curves")] : [],
            Block.Parameters => [],
            _ => Argument(file, cursor),
        };
    }

    static IEnumerable<CompletionItem> AtFile(Analysis file, Cursor cursor) =>
        cursor.Level.Words.ToArray() switch
        {
            ["set", ..] when !cursor.Level.Words.Contains("=") => PathWords(file, cursor),
            ["set", ..] => Value(file, cursor),
            ["let", _, "=", ..] => Names(file, file.Symbols.Names.Globals),
            _ => [],
        };

    static IEnumerable<CompletionItem> InModel(Analysis file, Cursor cursor)
    {
        var words = cursor.Level.Words;
        switch (words.ToArray())
        {
            case []:
                return Manual.All.Where(e => e.Of == "statement").Select(e => Keyword(e.Key, e.Meaning));
            case ["task", _, ":"]:
                return Words.TaskKinds.Select(k => new CompletionItem(
                    k,
                    Kind.EnumMember,
                    null,
                    Doc(Manual.Find("kind", k)?.Meaning)
                ));
            case ["task", _, ":", _]:
                return [Keyword("of", "of TASK")];
            case ["task", _, ":", _, "of"]:
                return Tasks(file);
            case ["input", _, ":"]:
                return [new("map", Kind.EnumMember, null, Doc(Manual.Find("kind of input", "map")?.Meaning))];
            case ["encoder", _, ":"]:
                return Components(file);
            case ["decoder", _, ":", ..] when !words.Contains("->"):
                return Sources(file, words[1]).Append(Keyword("skip", "+ skip FEATURE"));
            case ["decoder", _, ":", ..]:
                return Tasks(file);
            case ["aspp" or "attention", _, ":"]:
                return Sources(file, words[1]);
            case ["share", _, ":"]:
                return Components(file);
            case ["exchange", _, ":", ..] when !words.Contains("at"):
                return Statements(file, "encoder").Append(Keyword("at", "at STAGE, STAGE"));
            case ["exchange", _, ":", var first, ..]:
                return Features(file, first, isStride: false).Concat(Steps(file, first));
            case ["refine"]:
                return Tasks(file);
            case ["refine", _, ":"]:
                return Components(file);
            case ["loss", ":", ..]:
                return Losses(file);
            case ["let", _, "=", ..] or ["aspp", ..]:
                return Names(file, file.Symbols.Names.Model);
            default:
                return [];
        }
    }

    static IEnumerable<CompletionItem> InSettings(Analysis file, Cursor cursor)
    {
        if (cursor.Level.Words.Contains(":"))
            return Value(file, cursor);
        return cursor.Level.Block == Block.Sweep ? PathWords(file, cursor) : Keys(Settings.In(file, cursor), cursor);
    }

    /// <summary>`data`, `train`, statements, tasks and `let`s; then their settings.</summary>
    static IEnumerable<CompletionItem> PathWords(Analysis file, Cursor cursor)
    {
        var words = cursor.Level.Words.Where(w => w != "set" && w != "with").ToList();
        if (words.Count > 0)
            return words[^1] == "." ? Settings.In(file, cursor).Select(s => Setting(s, s.Name)) : [];
        return new[] { Keyword("data", "the recipe's data"), Keyword("train", "the recipe's training") }
            .Concat(
                cursor.Level.Block == Block.Sweep
                    ? [Keyword("model", "model: [\"FILE\", ...]"), Keyword("stop", "stop: halving(METRIC)")]
                    : []
            )
            .Concat(Statements(file))
            .Concat(Tasks(file))
            .Concat(file.Symbols.Names.Globals.All.Where(d => d.Kind == DefinitionKind.Let).Select(d => Named(file, d)));
    }

    static IEnumerable<CompletionItem> Keys(IEnumerable<SettingInfo> settings, Cursor cursor)
    {
        var isBelow = cursor.Level.Words is [.., "."];
        return settings.Select(s => Setting(s, isBelow || s.HoldsSettings && s.Choices.IsEmpty ? s.Name : $"{s.Name}: "));
    }

    static CompletionItem Setting(SettingInfo setting, string text) =>
        new(
            setting.Name,
            Kind.Property,
            setting.Default.Length == 0 ? null : $"default {setting.Default}",
            Doc(setting.Documentation),
            null,
            new(default, text)
        );

    static IEnumerable<CompletionItem> Value(Analysis file, Cursor cursor)
    {
        if (Place.Of(cursor, withKey: true) is { Kind: PlaceKind.Report, Path: [.., var key] })
            return OfReport(file, key);
        var setting = Settings.Current(file, cursor);
        if (setting is { Choices.IsEmpty: false })
            return setting.Choices.Select(c => new CompletionItem(
                c,
                Kind.EnumMember,
                c == setting.Default ? "the default" : null,
                setting.Name == "using" ? Doc(ComponentDoc(file, c)) : null
            ));
        var inRecipe = cursor.Levels[0].First is "data" or "train";
        return setting is { Default.Length: > 0 }
            ? Names(file, inRecipe ? file.Symbols.Names.Globals : file.Symbols.Names.Model)
                .Prepend(new(setting.Default, Kind.Value, "the default"))
            : Names(file, inRecipe ? file.Symbols.Names.Globals : file.Symbols.Names.Model);
    }

    static IEnumerable<CompletionItem> OfReport(Analysis file, string key) =>
        key switch
        {
            "costs" => Words.Costs.Select(Word),
            "scores" => Scores(file).Select(s => s.Contains('/') ? new CompletionItem($"\"{s}\"", Kind.Value) : Word(s)),
            "runs" => [new("sweep", Kind.Function, "sweep(\"FILE\", NAME)")],
            _ => [],
        };

    static IEnumerable<CompletionItem> Argument(Analysis file, Cursor cursor)
    {
        if (cursor.Levels.Any(l => l.Block == Block.Report))
            return Place.Of(cursor, withKey: false) is { Path: [.., var key] } ? OfReport(file, key) : [];
        if (cursor.Levels.Any(l => l.First == "loss"))
            return Losses(file);
        if (cursor.Level.Block == Block.Parentheses && cursor.Levels[^2].Words is ["encoder", var encoder, ":", _])
            return Sources(file, encoder);
        if (
            cursor.Levels.Count > 1
            && cursor.Level.Block == Block.List
            && cursor.Levels[^2].Block is Block.Sweep or Block.Settings
            && Settings.Current(file, cursor) is { Choices.IsEmpty: false } setting
        )
            return setting.Choices.Select(Word);
        var names = Names(file, ScopeAt(file, cursor));
        return SignatureHelping.Callee(file, cursor) is { IsVariadic: false } callee && cursor.Level.Words.Count == 0
            ? callee
                .Parameters.Select(p => new CompletionItem(
                    $"{p.Name}:",
                    Kind.Property,
                    callee.Signature,
                    null,
                    null,
                    new(default, $"{p.Name}: ")
                ))
                .Concat(names)
            : names;
    }

    /// <summary>The names that a place sees: a component's own, or the model's.</summary>
    static NameScope ScopeAt(Analysis file, Cursor cursor)
    {
        if (cursor.Levels.Any(l => l.Block == Block.Model))
            return file.Symbols.Names.Model;
        var component = file
            .Tree.Declarations.OfType<ComponentSyntax>()
            .FirstOrDefault(c => c.Span.Start <= cursor.Start && cursor.Start <= c.Span.End);
        return component is not null && file.Symbols.Components.GetValueOrDefault(component.Name.Text) is { } symbol
            ? file.Symbols.Names.Of(symbol)
            : file.Symbols.Names.Globals;
    }

    static IEnumerable<CompletionItem> Losses(Analysis file) =>
        Words
            .Losses.Select(l => new CompletionItem(l, Kind.Function, "loss", Doc(Manual.Loss(l))))
            .Concat(Words.Balancing.Select(b => new CompletionItem(b, Kind.Function, "balances losses", Doc(Manual.Loss(b)))))
            .Concat(Tasks(file))
            .Concat(Statements(file, "decoder"))
            .Concat(file.Symbols.Names.Model.All.Where(d => d.Syntax is LetSyntax or ModelLetSyntax).Select(d => Named(file, d)));

    /// <summary>Names, components and primitives that an expression may read.</summary>
    static IEnumerable<CompletionItem> Names(Analysis file, NameScope scope) =>
        scope
            .All.Select(d => Named(file, d))
            .Concat(Components(file))
            .Concat(
                BuiltinNames
                    .All.Order(StringComparer.Ordinal)
                    .Select(n => new CompletionItem(n, Kind.Function, $"{n}({string.Join(", ", BuiltinNames.Parameters[n])})"))
            );

    static CompletionItem Named(Analysis file, Definition definition) =>
        new(
            definition.Name.Text,
            definition.Kind == DefinitionKind.Parameter ? Kind.TypeParameter : Kind.Variable,
            Detail(file, definition)
        );

    static string? Detail(Analysis file, Definition definition)
    {
        var kind =
            definition.Kind == DefinitionKind.Statement
                ? file.Model?.Statements.GetValueOrDefault(definition.Name.Text)?.Kind
                : null;
        var value = file.Lowered.Of(definition.Name).Select(ValueText.Of).FirstOrDefault(v => v.Length > 0);
        return kind is null ? value
            : value is null ? kind
            : $"{kind} {value}";
    }

    /// <param name="kind">Those of one word: "encoder".</param>
    static IEnumerable<CompletionItem> Statements(Analysis file, string? kind = null) =>
        (file.Model?.Statements.Values ?? Enumerable.Empty<StatementSymbol>())
            .Where(b => kind is null || b.Kind == kind)
            .Select(b => Named(file, file.Symbols.Names.Declare(DefinitionKind.Statement, b.Name, b.Syntax)));

    /// <summary>Where an arrow may start: statements, the picture, and an encoder's features.</summary>
    static IEnumerable<CompletionItem> Sources(Analysis file, string self) =>
        Statements(file)
            .Where(b => b.Label != self)
            .Append(new("image", Kind.Variable, "3 x H x W"))
            .Concat(
                (file.Model?.Statements.Keys ?? Enumerable.Empty<string>()).SelectMany(b =>
                    file.FeaturesOf(b).Select(f => new CompletionItem($"{b}.{f.Name}", Kind.Field, f.Node.Shape.ToString()))
                )
            );

    static IEnumerable<CompletionItem> Features(Analysis file, string statement, bool isStride)
    {
        var features = file.FeaturesOf(statement);
        if (!isStride)
            return features.Select(f => new CompletionItem(f.Name, Kind.Field, f.Node.Shape.ToString()));
        return features
            .Where(f => f.Node.Shape is { IsPlain: true, Height: { IsFixed: false, Numerator: 1 } })
            .GroupBy(f => f.Node.Shape.Height.Denominator)
            .OrderBy(g => g.Key)
            .Select(g => new CompletionItem(
                g.Key.ToString(CultureInfo.InvariantCulture),
                Kind.Value,
                $"{statement}.{g.Last().Name} {g.Last().Node.Shape}"
            ));
    }

    static IEnumerable<CompletionItem> Steps(Analysis file, string statement) =>
        file.StepsOf(statement).Select(s => new CompletionItem(s.Name, Kind.Field, s.Node.Shape.ToString()));

    static IEnumerable<CompletionItem> Tasks(Analysis file) =>
        (file.Model?.Tasks.Values ?? Enumerable.Empty<TaskSymbol>()).Select(t => new CompletionItem(
            t.Name,
            Kind.Constant,
            $"task: {t.Syntax.Kind.Text}"
        ));

    static IEnumerable<CompletionItem> Components(Analysis file) =>
        file
            .Symbols.Components.Values.OrderBy(c => c.IsStandard)
            .ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => new CompletionItem(c.Name, Kind.Class, c.Signature, Doc(ComponentDoc(file, c.Name))))
            .Concat(
                Primitive
                    .All.Values.OrderBy(p => p.Name, StringComparer.Ordinal)
                    .Select(p => new CompletionItem(
                        p.Name,
                        Kind.Function,
                        p.Declared,
                        Doc(Manual.Find("primitive", p.Name)?.Meaning)
                    ))
            );

    static string? ComponentDoc(Analysis file, string name) =>
        file.Symbols.Names.Component(name) is { Kind: DefinitionKind.Component } definition
            ? Hovering.Describe(file, definition)
            : null;

    /// <summary>Within quotes: files, or the keys of scores.</summary>
    static IEnumerable<CompletionItem> Texts(Analysis file, Cursor cursor)
    {
        if (
            Place.Of(cursor, withKey: true) is { Kind: PlaceKind.Report, Path: ["scores", ..] }
            || cursor.Levels.Any(l => l.Words.Contains("halving"))
        )
            return Scores(file).Select(s => new CompletionItem(s, Kind.Value));
        var folder = FolderOf(file.Path, cursor.Prefix);
        var before = cursor.Prefix[..(cursor.Prefix.LastIndexOf('/') + 1)];
        var programs =
            cursor.Level.First == "import"
            || cursor.Levels.Any(l => l.Block == Block.Report)
            || cursor.Levels.Any(l => l.First == "model");
        return file
            .Snapshot.Files.Entries(folder)
            .Where(e => !(cursor.Level.First == "import" && System.IO.Path.Combine(folder, e) == file.Path))
            .Where(e => !e.StartsWith('.') && (!programs || e.EndsWith('/') || e.EndsWith(".mtl", StringComparison.Ordinal)))
            .Select(e => new CompletionItem(before + e, e.EndsWith('/') ? Kind.Folder : Kind.File));
    }

    static string FolderOf(string path, string prefix) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", prefix[..(prefix.LastIndexOf('/') + 1)]);

    /// <summary>Of the file's own program, or of those that its reports name.</summary>
    static IEnumerable<string> Scores(Analysis file) =>
        Words
            .Scores(file)
            .Concat(
                file.Tree.Declarations.OfType<ReportSyntax>()
                    .SelectMany(r => DocumentLinks.Programs(file, r))
                    .Distinct(StringComparer.Ordinal)
                    .Take(8)
                    .Select(p => file.Snapshot.Analyse(p))
                    .OfType<Analysis>()
                    .SelectMany(p => Words.Scores(p))
            )
            .Distinct(StringComparer.Ordinal);

    static CompletionItem Keyword(string word, string detail) => new(word, Kind.Keyword, detail);

    static CompletionItem Word(string word) => new(word, Kind.EnumMember);

    static MarkupContent? Doc(string? text) => string.IsNullOrEmpty(text) ? null : MarkupContent.Markdown(text);
}
