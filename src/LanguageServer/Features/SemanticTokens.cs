using Mtlc.Compiler.Binding;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Mtlc.LanguageServer.Texts;

namespace Mtlc.LanguageServer.Features;

/// <summary>What each word is, for colours: by its meaning where it has one, else by the text alone.</summary>
public static class SemanticTokens
{
    internal static readonly string[] Types =
    [
        "keyword",
        "class",
        "function",
        "variable",
        "parameter",
        "property",
        "number",
        "string",
        "comment",
        "operator",
        "enumMember",
        "type",
        "namespace",
    ];

    internal static readonly string[] Modifiers = ["declaration", "readonly", "defaultLibrary"];

    static readonly HashSet<string> Everywhere =
    [
        "let",
        "return",
        "of",
        "with",
        "for",
        "in",
        "if",
        "then",
        "else",
        "and",
        "or",
        "not",
        "skip",
    ];

    static readonly HashSet<string> Opening =
    [
        "import",
        "set",
        "model",
        "component",
        "data",
        "train",
        "sweep",
        "report",
        "task",
        "input",
        "encoder",
        "aspp",
        "attention",
        "decoder",
        "refine",
        "share",
        "exchange",
        "loss",
    ];

    internal static SemanticTokensResult Of(Analysis file)
    {
        var names = new Dictionary<int, NameUse>();
        foreach (var use in file.Names)
            names[use.Name.Span.Start] = use;
        var data = new List<int>();
        var before = new Position(0, 0);
        foreach (var token in Token.Scan(file.Text))
        {
            var (type, modifiers) = Classify(file, token, names);
            if (type < 0)
                continue;
            var at = file.Source.PositionOf(token.Start);
            data.AddRange([
                at.Line - before.Line,
                at.Line == before.Line ? at.Character - before.Character : at.Character,
                token.Length,
                type,
                modifiers,
            ]);
            before = at;
        }
        return new([.. data]);
    }

    static (int Type, int Modifiers) Classify(Analysis file, Token token, Dictionary<int, NameUse> names) =>
        token.Kind switch
        {
            TokenKind.Comment => (Type("comment"), 0),
            TokenKind.Text => (Type("string"), 0),
            TokenKind.Number => (Type("number"), 0),
            TokenKind.Operator => (Type("operator"), 0),
            TokenKind.Word when names.TryGetValue(token.Start, out var use) => OfName(use),
            TokenKind.Word => OfWord(file, token),
            _ => (-1, 0),
        };

    static (int, int) OfName(NameUse use)
    {
        var modifiers =
            (use.Role == NameRole.Declaration ? 1 : 0)
            | (use.Definition is { IsBuiltIn: true } or { Owner.IsStandard: true } ? 4 : 0);
        return (
            use.Definition?.Kind switch
            {
                DefinitionKind.Statement or DefinitionKind.Let or DefinitionKind.Variable or DefinitionKind.Constant => Type(
                    "variable"
                ),
                DefinitionKind.Task => Type("type"),
                DefinitionKind.Component => Type("class"),
                DefinitionKind.Parameter when use.Role == NameRole.Setting => Type("property"),
                DefinitionKind.Parameter => Type("parameter"),
                DefinitionKind.Primitive or DefinitionKind.Function => Type("function"),
                DefinitionKind.Model or DefinitionKind.Sweep or DefinitionKind.Report => Type("namespace"),
                _ => use.Role switch
                {
                    NameRole.Loss => Type("function"),
                    NameRole.Path => Type("keyword"),
                    NameRole.Setting or NameRole.Argument => Type("property"),
                    NameRole.Member => Type("property"),
                    _ => Type("enumMember"),
                },
            },
            modifiers
        );
    }

    static (int, int) OfWord(Analysis file, Token token)
    {
        var word = token.Of(file.Text);
        if (
            Everywhere.Contains(word)
            || (Opening.Contains(word) && (token.FirstOnLine || Before(file.Text, token.Start) is '{' or '\0'))
        )
            return (Type("keyword"), 0);
        if (word is "true" or "false")
            return (Type("enumMember"), 0);
        var after = file.Text.AsSpan(token.End).TrimStart();
        return after.StartsWith(":") || after.StartsWith(".") ? (Type("property"), 0) : (Type("enumMember"), 0);
    }

    static char Before(string text, int at)
    {
        while (--at >= 0)
        {
            if (!char.IsWhiteSpace(text[at]))
                return text[at];
        }
        return '\0';
    }

    static int Type(string name) => Array.IndexOf(Types, name);
}
