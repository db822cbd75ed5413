using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>
/// What people bring from other languages and what can be read in one way only: `=` for `:` and the reverse, a name without
/// `let`. Said once and put right. </summary>
static class Habits
{
    public static List<SourceToken> Correct(List<SourceToken> tokens, DiagnosticBag diagnostics)
    {
        var corrected = new List<SourceToken>(tokens.Count + 8);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token is { Type: MtlLexer.COMMA, Repaired: true, In: Enclosure.File or Enclosure.Model or Enclosure.Body })
                continue;
            if (LacksLet(tokens, i))
            {
                diagnostics.Add(SyntaxErrors.MissingLet(token.Span));
                corrected.Add(token.Preceded(MtlLexer.LET));
            }
            if (token.Type is MtlLexer.ASSIGN or MtlLexer.COLON && OtherSign(corrected, token) is var (right, what))
            {
                diagnostics.Add(SyntaxErrors.OtherSign(token.Span, right == MtlLexer.COLON ? ":" : "=", what));
                token = token.As(right);
            }
            corrected.Add(token);
        }
        return corrected;
    }

    /// <summary>`name = value` on a line of its own, where a statement is expected.</summary>
    static bool LacksLet(List<SourceToken> tokens, int index) =>
        tokens[index]
            is {
                FirstOnLine: true,
                In: Enclosure.File or Enclosure.Model or Enclosure.Body,
                IsName: true,
                Type: not MtlLexer.LOSS
            }
        && index + 1 < tokens.Count
        && tokens[index + 1].Type == MtlLexer.ASSIGN
        && (index == 0 || tokens[index - 1].Type is not (MtlLexer.LET or MtlLexer.SET or MtlLexer.DOT or MtlLexer.COMPONENT));

    /// <summary>The sign that belongs where the token stands, and what is written with it; null where the token is right or
    /// anything goes.</summary>
    static (int Right, string What)? OtherSign(List<SourceToken> before, SourceToken token)
    {
        if (before.Count < 2 || !before[^1].IsWord)
            return null;
        var (previous, first) = (before[^2], before[^1]);
        if (token.Type == MtlLexer.ASSIGN)
        {
            return token.In switch
            {
                Enclosure.Parentheses when previous.Type is MtlLexer.PAREN or MtlLexer.COMMA => (
                    MtlLexer.COLON,
                    "a named argument"
                ),
                Enclosure.Settings
                or Enclosure.Sweep when previous.Type is MtlLexer.BRACE or MtlLexer.COMMA or MtlLexer.DOT || first.FirstOnLine =>
                    (MtlLexer.COLON, "a setting"),
                Enclosure.Model when first is { Type: MtlLexer.LOSS, FirstOnLine: true } => (MtlLexer.COLON, "the loss"),
                Enclosure.Model when previous is { FirstOnLine: true, Type: >= MtlLexer.TASK and <= MtlLexer.REFINE } => (
                    MtlLexer.COLON,
                    previous.Text is "aspp" or "attention" or "encoder" ? $"an {previous.Text}" : $"a {previous.Text}"
                ),
                _ => null,
            };
        }
        return token.In switch
        {
            Enclosure.Parameters when previous.Type is MtlLexer.PAREN or MtlLexer.COMMA => (MtlLexer.ASSIGN, "a default"),
            Enclosure.File or Enclosure.Model or Enclosure.Body when previous is { Type: MtlLexer.LET, FirstOnLine: true } => (
                MtlLexer.ASSIGN,
                "a 'let'"
            ),
            Enclosure.File when AssignsPath(before) => (MtlLexer.ASSIGN, "a 'set'"),
            _ => null,
        };
    }

    static bool AssignsPath(List<SourceToken> before)
    {
        var i = before.Count - 1;
        while (i > 1 && before[i - 1].Type == MtlLexer.DOT)
            i -= 2;
        return i > 0 && before[i - 1] is { Type: MtlLexer.SET, FirstOnLine: true };
    }
}
