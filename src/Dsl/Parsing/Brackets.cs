using Antlr4.Runtime;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// Makes brackets balance before the parser runs, so that it can step over a broken statement. Where they do not, several
/// readings are tried and the one with the fewest mistakes is taken: a statement that opens a line, or a line as little indented
/// as the one with the opening bracket, tells where a closing one was forgotten. </summary>
sealed class Brackets
{
    [Flags]
    enum Reading
    {
        Plain = 0,
        Statements = 1,
        Indentation = 2,
        Replacing = 4,
    }

    static readonly Reading[] Guesses =
    [
        Reading.Statements | Reading.Indentation,
        Reading.Statements,
        Reading.Indentation,
        Reading.Statements | Reading.Replacing,
        Reading.Replacing,
    ];

    sealed record Opening(SourceToken Token, Enclosure Enclosure, int Line, int Indent);

    /// <summary>Before the token at <paramref name="Index"/>: close what is open, or drop or replace the token itself.</summary>
    sealed record Mistake(int Index, List<SourceToken>? Unclosed, SourceToken? Opening);

    /// <summary>A matching bracket that closes what a wrong one pretends to is looked for this near.</summary>
    const int Near = 40;

    readonly List<SourceToken> tokens;
    readonly Reading reading;
    readonly List<Opening> open = [];
    readonly int[] openOfType = new int[MtlLexer.UNPAREN + 1];
    readonly List<Mistake> mistakes = [];
    int line;
    int indent;

    Brackets(List<SourceToken> tokens, int from, int to, Reading reading)
    {
        (this.tokens, this.reading) = (tokens, reading);
        for (var i = from; i < to; i++)
            Read(i);
        if (open.Count > 0)
            Forgotten(0, tokens[to - 1].Type == TokenConstants.EOF ? to - 1 : to);
    }

    /// <summary>The tokens with balanced brackets, each knowing its depth and what it stands in.</summary>
    public static List<SourceToken> Balance(List<SourceToken> tokens, DiagnosticBag diagnostics)
    {
        var mistakes = new List<Mistake>();
        for (var (from, to) = (0, 0); from < tokens.Count; from = to)
        {
            // What begins a line like a declaration, unindented, is one, whatever is still open.
            for (to = from + 1; to < tokens.Count && !IsDeclaration(tokens, to); )
                to++;
            mistakes.AddRange(Best(tokens, from, to));
        }
        return BracketWriter.Write(tokens, mistakes.Select(m => (m.Index, m.Unclosed, m.Opening)), diagnostics);
    }

    static bool IsDeclaration(List<SourceToken> tokens, int index) =>
        tokens[index].FirstOnLine
        && Statements.ShapeAt(tokens, index) == Statements.Shape.Declaration
        && tokens[index].Span.Position.Column == 1;

    static List<Mistake> Best(List<SourceToken> tokens, int from, int to)
    {
        var best = new Brackets(tokens, from, to, Reading.Plain).mistakes;
        if (best.Count == 0)
            return best;
        var guesses = Guesses.Select(reading => new Brackets(tokens, from, to, reading).mistakes).ToList();
        var guess = guesses.MinBy(g => g.Count)!;
        return guess.Count <= best.Count ? guess : best;
    }

    void Read(int index)
    {
        var token = tokens[index];
        if (token.FirstOnLine)
        {
            var position = token.Span.Position;
            (line, indent) = (position.Line, position.Column);
            CloseForgotten(token, index);
        }
        if (token.IsOpening)
        {
            if (token.Type == MtlLexer.BRACE && reading != Reading.Plain && open is [{ Enclosure: Enclosure.Parameters }])
                Forgotten(0, index);
            open.Add(new(token, EnclosureOf(index), line, indent));
            openOfType[token.Type]++;
        }
        else if (token.IsClosing)
        {
            Close(token, index);
        }
    }

    /// <summary>What the first token of a line says about brackets still open.</summary>
    void CloseForgotten(SourceToken token, int index)
    {
        if (open.Count == 0 || token.IsClosing)
            return;
        if (reading.HasFlag(Reading.Statements))
        {
            var shape = Statements.ShapeAt(tokens, index);
            var blocks = open[0].Enclosure is Enclosure.Model or Enclosure.Body ? 1 : 0;
            var keep = shape switch
            {
                Statements.Shape.Declaration => 0,
                Statements.Shape.Statement => blocks,
                _ => open.Count,
            };
            if (keep < open.Count)
                Forgotten(keep, index);
        }
        if (reading.HasFlag(Reading.Indentation))
        {
            var keep = open.Count;
            while (keep > 0 && open[keep - 1].Indent >= indent && open[keep - 1].Line < line)
                keep--;
            if (keep < open.Count)
                Forgotten(keep, index);
        }
    }

    void Close(SourceToken token, int index)
    {
        var opening = OpeningOf(token.Type);
        if (reading.HasFlag(Reading.Indentation) && token.FirstOnLine && token.Type == MtlLexer.UNBRACE)
        {
            // A brace that begins a line stands under the line that opened it: what is deeper was forgotten, a deeper one is too
            // many.
            var keep = open.Count;
            while (keep > 0 && open[keep - 1].Indent > indent && open[keep - 1].Line < line)
                keep--;
            if (keep < open.Count && keep > 0)
                Forgotten(keep, index);
            else if (
                keep > 0
                && open[keep - 1].Indent < indent
                && open[keep - 1].Line < line
                && open[keep - 1].Token.Type == opening
            )
            {
                mistakes.Add(new(index, null, null));
                return;
            }
        }
        if (open.Count > 0 && open[^1].Token.Type != opening)
        {
            if (openOfType[opening] > 0 && !reading.HasFlag(Reading.Replacing))
            {
                Forgotten(open.FindLastIndex(o => o.Token.Type == opening) + 1, index);
            }
            else
            {
                // `(x]` is a slip of the finger; in `{ x) }`, and where the brace opened on another line, the parenthesis is one
                // too many.
                var isSuperfluous =
                    (open[^1].Line < line && token.Type != MtlLexer.UNBRACE) || ClosesNext(index + 1, open[^1].Token.Type);
                mistakes.Add(new(index, null, isSuperfluous ? null : open[^1].Token));
                if (!isSuperfluous)
                    Pop();
                return;
            }
        }
        if (open.Count == 0)
            mistakes.Add(new(index, null, null));
        else
            Pop();
    }

    /// <summary>Whether the next bracket closes one of this kind.</summary>
    bool ClosesNext(int index, int opening)
    {
        for (var i = index; i < Math.Min(tokens.Count, index + Near); i++)
        {
            if (tokens[i].IsOpening || tokens[i].IsClosing)
                return tokens[i].IsClosing && OpeningOf(tokens[i].Type) == opening;
        }
        return false;
    }

    void Pop()
    {
        openOfType[open[^1].Token.Type]--;
        open.RemoveAt(open.Count - 1);
    }

    void Forgotten(int keep, int index)
    {
        mistakes.Add(new(index, [.. open.Skip(keep).Select(o => o.Token)], null));
        while (open.Count > keep)
            Pop();
    }

    static int OpeningOf(int closing) =>
        closing switch
        {
            MtlLexer.UNBRACE => MtlLexer.BRACE,
            MtlLexer.UNBRACKET => MtlLexer.BRACKET,
            _ => MtlLexer.PAREN,
        };

    Enclosure EnclosureOf(int index) =>
        tokens[index].Type switch
        {
            MtlLexer.BRACKET => Enclosure.List,
            MtlLexer.PAREN => open.Count == 0 && Statements.NamesAt(tokens, index) ? Enclosure.Parameters : Enclosure.Parentheses,
            _ => open.Count > 0 ? Enclosure.Settings : Statements.BlockOpenedAt(tokens, index),
        };
}
