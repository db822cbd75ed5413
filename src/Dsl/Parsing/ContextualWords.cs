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
        }
        return tokens;
    }
}
