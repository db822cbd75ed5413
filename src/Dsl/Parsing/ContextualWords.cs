using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>Words that the grammar keeps for statements and that settings use as values.</summary>
static class ContextualWords
{
    /// <summary>
    /// `skip` marks a decoder's source, which stands among a model's statements, in no further bracket and behind no `=`;
    /// elsewhere it is a word like others: `corrupt: skip`, `component merge(x, skip)`. </summary>
    public static List<SourceToken> Read(List<SourceToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (
                token.Type == MtlLexer.SKIPPED
                && (token.In != Enclosure.Model || (i > 0 && tokens[i - 1].Type == MtlLexer.ASSIGN))
            )
                token.Type = MtlLexer.ID;
            if (token.Type is (MtlLexer.UNTIL or MtlLexer.EXCEPT) && !IsRule(tokens, i))
                token.Type = MtlLexer.ID;
        }
        return tokens;
    }

    /// <summary>`frozen: until layer3`, `decay: except norms`: a value, and before a word that is no key of the next
    /// setting.</summary>
    static bool IsRule(List<SourceToken> tokens, int i) =>
        i > 0
        && tokens[i].In != Enclosure.Model
        && tokens[i - 1].Type is (MtlLexer.COLON or MtlLexer.ASSIGN or MtlLexer.COMMA or MtlLexer.BRACKET)
        && i + 2 < tokens.Count
        && tokens[i + 1].Type is (MtlLexer.ID or (>= MtlLexer.IMPORT and <= MtlLexer.ELSE))
        && tokens[i + 2].Type is not (MtlLexer.COLON or MtlLexer.DOT);
}
