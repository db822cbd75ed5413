using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// Makes brackets balance before the parser runs, so that it can step over a broken statement. Where they do not, several readings are
/// tried and the one with the fewest mistakes is taken: a statement that opens a line, or a line as little indented as the one with
/// the opening bracket, tells where a closing one was forgotten.
/// </summary>
internal sealed class Brackets(List<SourceToken> tokens, Brackets.Reading reading)
{
    [Flags]
    internal enum Reading { Plain = 0, Statements = 1, Indentation = 2, Replacing = 4 }

    private sealed record Opening(SourceToken Token, Enclosure Enclosure, int Line, int Indent);

    /// <summary>Before the token at <paramref name="Index"/>: close what is open, or drop or replace the token itself.</summary>
    private sealed record Mistake(int Index, List<SourceToken>? Unclosed, SourceToken? Opening);

    private readonly List<Opening> open = [];
    private readonly int[] openOfType = new int[MtlLexer.UNPAREN + 1];
    private readonly List<Mistake> mistakes = [];
    private int line;
    private int indent;

    /// <summary>The tokens with balanced brackets, each knowing its depth and what it stands in.</summary>
    public static List<SourceToken> Balance(List<SourceToken> tokens, DiagnosticBag diagnostics)
    {
        var best = new Brackets(tokens, Reading.Plain);
        best.Read();
        if (best.mistakes.Count > 0)
        {
            foreach (var reading in (Reading[])[Reading.Statements | Reading.Indentation, Reading.Statements, Reading.Indentation, Reading.Replacing, Reading.Statements | Reading.Replacing])
            {
                var other = new Brackets(tokens, reading);
                other.Read();
                if (other.mistakes.Count < best.mistakes.Count || (other.mistakes.Count == best.mistakes.Count && best.reading == Reading.Plain))
                    best = other;
            }
        }
        return BracketWriter.Write(tokens, best.mistakes.Select(m => (m.Index, m.Unclosed, m.Opening)), diagnostics);
    }

    private readonly Reading reading = reading;

    private void Read()
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.FirstOnLine)
            {
                var position = token.Span.Position;
                (line, indent) = (position.Line, position.Column);
                CloseForgotten(token, i);
            }
            if (token.IsOpening)
            {
                open.Add(new(token, EnclosureOf(i), line, indent));
                openOfType[token.Type]++;
            }
            else if (token.IsClosing)
            {
                Close(token, i);
            }
        }
        if (open.Count > 0)
            Forgotten(0, tokens.Count - 1);
    }

    /// <summary>What the first token of a line says about brackets still open.</summary>
    private void CloseForgotten(SourceToken token, int index)
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

    private void Close(SourceToken token, int index)
    {
        var opening = OpeningOf(token.Type);
        if (reading.HasFlag(Reading.Indentation) && token.FirstOnLine && token.Type == MtlLexer.UNBRACE)
        {
            // A brace that begins a line stands under the line that opened it: what is deeper was forgotten, a deeper one is too many.
            var keep = open.Count;
            while (keep > 0 && open[keep - 1].Indent > indent && open[keep - 1].Line < line)
                keep--;
            if (keep < open.Count && keep > 0)
                Forgotten(keep, index);
            else if (keep > 0 && open[keep - 1].Indent < indent && open[keep - 1].Line < line && open[keep - 1].Token.Type == opening)
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
                mistakes.Add(new(index, null, open[^1].Token));
                Pop();
                return;
            }
        }
        if (open.Count == 0)
            mistakes.Add(new(index, null, null));
        else
            Pop();
    }

    private void Pop()
    {
        openOfType[open[^1].Token.Type]--;
        open.RemoveAt(open.Count - 1);
    }

    private void Forgotten(int keep, int index)
    {
        mistakes.Add(new(index, [.. open.Skip(keep).Select(o => o.Token)], null));
        while (open.Count > keep)
            Pop();
    }

    private static int OpeningOf(int closing) => closing switch
    {
        MtlLexer.UNBRACE => MtlLexer.BRACE,
        MtlLexer.UNBRACKET => MtlLexer.BRACKET,
        _ => MtlLexer.PAREN,
    };

    private Enclosure EnclosureOf(int index) => tokens[index].Type switch
    {
        MtlLexer.BRACKET => Enclosure.List,
        MtlLexer.PAREN => open.Count == 0 && Statements.NamesAt(tokens, index) ? Enclosure.Parameters : Enclosure.Parentheses,
        _ => open.Count > 0 ? Enclosure.Settings : Statements.BlockOpenedAt(tokens, index),
    };
}
