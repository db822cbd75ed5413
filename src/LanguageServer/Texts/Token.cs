namespace Mtlc.LanguageServer.Texts;

public enum TokenKind
{
    Word,
    Number,
    Text,
    Comment,
    Operator,
    Opening,
    Closing,
    Punctuation,
}

/// <summary>A piece of a program's text, whether or not the program parses.</summary>
public readonly record struct Token(TokenKind Kind, int Start, int Length, bool FirstOnLine)
{
    public int End => Start + Length;

    public string Of(string text) => text.Substring(Start, Length);

    public bool Is(string text, string word) => Length == word.Length && text.AsSpan(Start, Length).SequenceEqual(word);

    /// <summary>Cuts a text; what no program contains is an operator.</summary>
    public static List<Token> Scan(string text)
    {
        var tokens = new List<Token>();
        var first = true;
        for (var i = 0; i < text.Length; )
        {
            var c = text[i];
            if (c is '\n' or '\r')
                first = true;
            if (char.IsWhiteSpace(c))
            {
                i++;
                continue;
            }
            var (kind, length) = Next(text, i);
            tokens.Add(new(kind, i, length, first));
            first = false;
            i += length;
        }
        return tokens;
    }

    static (TokenKind Kind, int Length) Next(string text, int at) =>
        text[at] switch
        {
            '#' => (TokenKind.Comment, While(text, at, c => c is not ('\n' or '\r'))),
            '"' => (TokenKind.Text, Quoted(text, at)),
            >= '0' and <= '9' => (TokenKind.Number, Number(text, at)),
            '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => (TokenKind.Word, While(text, at, IsWord)),
            '{' or '[' or '(' => (TokenKind.Opening, 1),
            '}' or ']' or ')' => (TokenKind.Closing, 1),
            ',' or ':' or '.' when At(text, at + 1) != '.' || text[at] != '.' => (TokenKind.Punctuation, 1),
            _ => (
                TokenKind.Operator,
                text.AsSpan(at)
                    is ['-', '>', ..]
                        or ['|', '>', ..]
                        or ['.', '.', ..]
                        or ['=', '=', ..]
                        or ['!', '=', ..]
                        or ['<', '=', ..]
                        or ['>', '=', ..]
                    ? 2
                    : 1
            ),
        };

    public static bool IsWord(char c) => c is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');

    static int While(string text, int at, Func<char, bool> holds)
    {
        var end = at;
        while (end < text.Length && holds(text[end]))
            end++;
        return end - at;
    }

    static int Quoted(string text, int at)
    {
        var end = at + 1 + While(text, at + 1, c => c is not ('"' or '\n' or '\r'));
        return end - at + (At(text, end) == '"' ? 1 : 0);
    }

    // 256x512, 0.5, 1e-4
    static int Number(string text, int at)
    {
        var length = While(text, at, IsWord);
        if (At(text, at + length) == '.' && char.IsAsciiDigit(At(text, at + length + 1)))
            length += 1 + While(text, at + length + 1, IsWord);
        if (text[at + length - 1] is 'e' or 'E' && At(text, at + length) is '-' or '+')
            length += 1 + While(text, at + length + 1, IsWord);
        return length;
    }

    static char At(string text, int index) => index < text.Length ? text[index] : '\0';
}
