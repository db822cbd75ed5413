namespace Mtlc.LanguageServer.Texts;

/// <summary>What a bracket that is open at the cursor encloses.</summary>
public enum Block
{
    File,
    Model,
    Body,
    Sweep,
    Report,
    Settings,
    Parentheses,
    Parameters,
    List,
}

/// <summary>An open bracket, and the entry of it (a statement, a setting, an argument) that the cursor is in.</summary>
/// <param name="Words">The entry's tokens before the cursor, and before the next bracket that is open.</param>
public sealed record Level(Block Block, IReadOnlyList<string> Words)
{
    public string First => Words.Count > 0 ? Words[0] : "";
}

/// <summary>
/// Where in a program a cursor stands, by the words and brackets before it: while a line is being typed, no tree has it.
/// </summary>
/// <param name="Levels">From the file inwards.</param>
/// <param name="Prefix">The part of a word, or of a text in quotes, before the cursor.</param>
/// <param name="Start">Where that starts.</param>
public sealed record Cursor(IReadOnlyList<Level> Levels, string Prefix, int Start, bool IsInText, bool IsInComment)
{
    static readonly HashSet<string> FileWords =
    [
        "import",
        "set",
        "let",
        "model",
        "component",
        "data",
        "train",
        "sweep",
        "report",
    ];
    static readonly HashSet<string> ModelWords =
    [
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
        "let",
    ];
    static readonly HashSet<string> BodyWords = ["let", "return"];

    public Level Level => Levels[^1];

    /// <summary>How many arguments of the innermost call stand before the cursor.</summary>
    public int Argument { get; private init; }

    public static Cursor At(string text, int offset)
    {
        var levels = new Stack<Open>([new(Block.File)]);
        var end = 0;
        foreach (var token in Token.Scan(text))
        {
            if (token.Start >= offset)
                break;
            if (token.Kind == TokenKind.Comment)
            {
                if (token.End >= offset)
                    return new([.. levels.Reverse().Select(l => l.ToLevel())], "", offset, false, true);
                continue;
            }
            // The word that is being typed is no part of what stands before the cursor.
            var inside =
                token.Kind == TokenKind.Text
                    ? token.End > offset || (token.End == offset && (token.Length == 1 || text[token.End - 1] != '"'))
                    : token.Kind is TokenKind.Word or TokenKind.Number && token.End >= offset;
            Begin(levels.Peek(), token, text);
            if (inside)
            {
                var start = token.Kind == TokenKind.Text ? token.Start + 1 : token.Start;
                return Make(levels, text[start..offset], start, token.Kind == TokenKind.Text);
            }
            Take(levels, token, text);
            end = token.End;
        }
        // On a line of its own nothing is begun, unless the line before wants more.
        var open = levels.Peek();
        if (
            text.AsSpan(Math.Min(end, offset), Math.Max(0, offset - end)).Contains('\n')
            && open.Words.Count > 0
            && (
                open.Block is Block.Settings or Block.Sweep or Block.Report
                    ? open.Words[^1] is not (":" or ".")
                    : open.Block is Block.File or Block.Model or Block.Body && IsComplete(open)
            )
        )
        {
            open.Words.Clear();
        }
        return Make(levels, "", offset, false);
    }

    static Cursor Make(Stack<Open> levels, string prefix, int start, bool isInText) =>
        new([.. levels.Reverse().Select(l => l.ToLevel())], prefix, start, isInText, false) { Argument = levels.Peek().Entries };

    /// <summary>Whether a new entry begins with a token.</summary>
    static void Begin(Open level, Token token, string text)
    {
        var word = token.Kind == TokenKind.Word ? token.Of(text) : "";
        var starts = level.Block switch
        {
            Block.File => token.FirstOnLine && FileWords.Contains(word),
            Block.Model => (token.FirstOnLine || level.Words.Count == 0) && ModelWords.Contains(word),
            Block.Body => (token.FirstOnLine || level.Words.Count == 0) && BodyWords.Contains(word),
            Block.Settings or Block.Report or Block.Sweep => token.FirstOnLine && token.Kind == TokenKind.Word && word != "with",
            _ => false,
        };
        if (
            starts
            || (
                token.FirstOnLine
                && level.Block is Block.File or Block.Model or Block.Body
                && level.Words.Count > 0
                && IsComplete(level)
            )
        )
            level.Words.Clear();
    }

    // A line that begins with a word behind one that ended is a statement whose first word is not written out yet.
    static bool IsComplete(Open level) =>
        level.Words[^1]
            is not (
                "+"
                or "-"
                or "*"
                or "/"
                or "->"
                or "|>"
                or ","
                or ":"
                or "="
                or "and"
                or "or"
                or "not"
                or "then"
                or "else"
                or "if"
            );

    static void Take(Stack<Open> levels, Token token, string text)
    {
        var level = levels.Peek();
        var word = token.Of(text);
        switch (token.Kind)
        {
            case TokenKind.Opening:
                levels.Push(new(Opened(levels, word[0])));
                break;
            case TokenKind.Closing when levels.Count > 1:
                levels.Pop();
                levels
                    .Peek()
                    .Words.Add(
                        word switch
                        {
                            "}" => "{}",
                            ")" => "()",
                            _ => "[]",
                        }
                    );
                break;
            case TokenKind.Closing:
                break;
            case TokenKind.Punctuation when word == "," && level.Block is not (Block.Model or Block.File or Block.Body):
                level.Words.Clear();
                level.Entries++;
                break;
            default:
                level.Words.Add(word);
                break;
        }
    }

    static Block Opened(Stack<Open> levels, char bracket)
    {
        var level = levels.Peek();
        var first = level.Words.Count > 0 ? level.Words[0] : "";
        return (bracket, level.Block, first) switch
        {
            ('[', _, _) => Block.List,
            ('(', Block.File, "component") => Block.Parameters,
            ('(', _, _) => Block.Parentheses,
            (_, Block.File, "model") => Block.Model,
            (_, Block.File, "component") => Block.Body,
            (_, Block.File, "sweep") => Block.Sweep,
            (_, Block.File, "report") => Block.Report,
            _ => Block.Settings,
        };
    }

    sealed class Open(Block block)
    {
        public Block Block { get; } = block;
        public List<string> Words { get; } = [];
        public int Entries { get; set; }

        public Level ToLevel() => new(Block, [.. Words]);
    }
}
