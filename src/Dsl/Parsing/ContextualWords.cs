using Mtlc.Dsl.Generated;

namespace Mtlc.Dsl.Parsing;

/// <summary>Words that the grammar keeps for statements and that settings use as values.</summary>
internal static class ContextualWords
{
    /// <summary>`skip` marks a decoder's source, which stands in no bracket and behind no `=`; elsewhere it is a word like others: `corrupt: skip`.</summary>
    public static List<SourceToken> Read(List<SourceToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Type == MtlLexer.SKIPPED
                && (token.In is Enclosure.Settings or Enclosure.Sweep or Enclosure.List || (i > 0 && tokens[i - 1].Type == MtlLexer.ASSIGN)))
                token.Type = MtlLexer.ID;
        }
        return tokens;
    }
}
