using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>Writes the tokens anew with balanced brackets, says what was wrong with them, and leaves out what lies too
/// deep.</summary>
static class BracketWriter
{
    public static List<SourceToken> Write(
        List<SourceToken> tokens,
        IEnumerable<(int Index, List<SourceToken>? Unclosed, SourceToken? Opening)> mistakes,
        DiagnosticBag diagnostics
    )
    {
        var written = new List<SourceToken>(tokens.Count + 8);
        var enclosures = new Stack<Enclosure>([Enclosure.File]);
        var tooDeep = false;
        using var next = mistakes.GetEnumerator();
        var more = next.MoveNext();
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var dropped = false;
            for (; more && next.Current.Index == i; more = next.MoveNext())
            {
                var (_, unclosed, opening) = next.Current;
                if (unclosed is not null)
                {
                    if (enclosures.Count - 1 <= SyntaxLimits.Brackets || !tooDeep)
                        diagnostics.Add(
                            SyntaxErrors.Unclosed([.. unclosed.Select(o => o.Span)], Closing(unclosed[^1]).Text, token.Span)
                        );
                    for (var o = unclosed.Count - 1; o >= 0; o--)
                        Close(tokens[i - 1].Followed(Closing(unclosed[o]).Type));
                }
                else if (opening is not null)
                {
                    diagnostics.Add(SyntaxErrors.WrongClosing(token.Span, opening.Span, Closing(opening).Text));
                    token = token.As(Closing(opening).Type);
                }
                else
                {
                    diagnostics.Add(SyntaxErrors.NothingOpen(token.Span));
                    dropped = true;
                }
            }
            if (dropped)
                continue;
            if (token.IsClosing)
                Close(token);
            else
                Put(token);
            if (token.IsOpening)
                Open(token);
        }
        return written;

        void Put(SourceToken token)
        {
            token.Depth = enclosures.Count - 1;
            token.In = enclosures.Peek();
            if (token.Depth <= SyntaxLimits.Brackets)
                written.Add(token);
        }

        void Open(SourceToken token)
        {
            enclosures.Push(EnclosureOf(token));
            if (enclosures.Count - 1 != SyntaxLimits.Brackets + 1)
                return;
            if (!tooDeep)
                diagnostics.Add(SyntaxErrors.TooDeep(token.Span));
            tooDeep = true;
            token.Repaired = true;
            if (token.Type != MtlLexer.BRACE)
                written.Add(token.Followed(MtlLexer.ID));
        }

        void Close(SourceToken token)
        {
            enclosures.Pop();
            Put(token);
        }

        Enclosure EnclosureOf(SourceToken token) =>
            token.Type switch
            {
                MtlLexer.BRACKET => Enclosure.List,
                MtlLexer.PAREN => enclosures.Count == 1 && Statements.NamesAt(written, written.Count - 1)
                    ? Enclosure.Parameters
                    : Enclosure.Parentheses,
                _ => enclosures.Count > 1 ? Enclosure.Settings : Statements.BlockOpenedAt(written, written.Count - 1),
            };
    }

    static (int Type, string Text) Closing(SourceToken opening) =>
        opening.Type switch
        {
            MtlLexer.BRACE => (MtlLexer.UNBRACE, "}"),
            MtlLexer.BRACKET => (MtlLexer.UNBRACKET, "]"),
            _ => (MtlLexer.UNPAREN, ")"),
        };
}
