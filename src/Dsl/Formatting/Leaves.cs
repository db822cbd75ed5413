using System.Collections.Immutable;
using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Dsl.Formatting;

/// <summary>
/// The tokens of a text with the comments that belong to them: a comment behind a token on its line trails it, any other stands
/// before the token that follows. Commas that may be left out own none. </summary>
sealed class Leaves
{
    sealed record Leading(List<(string Text, bool AfterBlank)> Comments, bool AfterBlank);

    readonly Dictionary<int, Leading> leading = [];
    readonly Dictionary<int, string> trailing = [];

    public Leaves(MtlParser.FileContext file, TriviaSyntax trivia)
    {
        var tokens = new List<SourceToken>();
        Collect(file, tokens);
        var next = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var comments = new List<(string, bool)>();
            var end = i == 0 ? 0 : EndLine(tokens[i - 1]);
            for (; next < trivia.Comments.Length && trivia.Comments[next].Span.Start < token.Span.Start; next++)
            {
                var comment = trivia.Comments[next];
                var line = comment.Span.Position.Line;
                if (i > 0 && line == EndLine(tokens[i - 1]) && !trailing.ContainsKey(tokens[i - 1].Span.Start))
                    trailing[(token.Type == MtlLexer.COMMA && Kept(tokens, i) ? token : tokens[i - 1]).Span.Start] = comment.Text;
                else
                    comments.Add((comment.Text, AfterBlank(trivia, end, line)));
                end = line;
            }
            leading[token.Span.Start] = new(comments, AfterBlank(trivia, end, token.Span.Position.Line));
        }
        DropCommas(tokens);
    }

    /// <summary>A token as written, between the comments that nobody else has taken.</summary>
    public Doc Leaf(IToken token)
    {
        var place = ((SourceToken)token).Span.Start;
        var parts = new List<Doc>();
        foreach (var (_, comment) in TakeLeading(token))
            parts.Add(comment);
        parts.Add(token.Type == TokenConstants.EOF ? "" : token.Text);
        if (trailing.Remove(place, out var behind))
            parts.Add(new Comment(behind, ownLine: false));
        return parts.Count == 1 ? parts[0] : new Sequence(parts);
    }

    /// <summary>The comments before a token, for a block to lay out: each is taken once.</summary>
    public IReadOnlyList<(bool AfterBlank, Doc Comment)> TakeLeading(IToken token)
    {
        var place = ((SourceToken)token).Span.Start;
        if (!leading.TryGetValue(place, out var before) || before.Comments.Count == 0)
            return [];
        leading[place] = before with { Comments = [] };
        return [.. before.Comments.Select(c => (c.AfterBlank, (Doc)new Comment(c.Text, ownLine: true)))];
    }

    public bool HasLeading(IToken token) =>
        leading.TryGetValue(((SourceToken)token).Span.Start, out var before) && before.Comments.Count > 0;

    /// <summary>Whether a comment stands between the first and the last token of a rule.</summary>
    public bool HasCommentsIn(ParserRuleContext context)
    {
        var (start, end) = (((SourceToken)context.Start).Span.Start, ((SourceToken)context.Stop).Span.Start);
        return leading.Any(l => l.Key > start && l.Key <= end && l.Value.Comments.Count > 0)
            || trailing.Keys.Any(k => k >= start && k < end);
    }

    /// <summary>Whether a blank line stands right before a token.</summary>
    public bool AfterBlankLine(IToken token) =>
        leading.TryGetValue(((SourceToken)token).Span.Start, out var before) && before.AfterBlank;

    static bool AfterBlank(TriviaSyntax trivia, int from, int to)
    {
        var index = trivia.BlankLines.BinarySearch(from);
        index = index < 0 ? ~index : index;
        return index < trivia.BlankLines.Length && trivia.BlankLines[index] < to;
    }

    static int EndLine(SourceToken token) => token.Span.Position.Line;

    static void Collect(IParseTree tree, List<SourceToken> tokens)
    {
        if (tree.Payload is SourceToken token)
            tokens.Add(token);
        for (var i = 0; i < tree.ChildCount; i++)
            Collect(tree.GetChild(i), tokens);
    }

    /// <summary>A comma between elements of a list or arguments; settings and last elements do without.</summary>
    public static bool Kept(IReadOnlyList<SourceToken> tokens, int comma) =>
        tokens[comma].In is not (Enclosure.Settings or Enclosure.Sweep)
        && comma + 1 < tokens.Count
        && !tokens[comma + 1].IsClosing;

    /// <summary>What belongs to a comma that is not written passes to its neighbours.</summary>
    void DropCommas(List<SourceToken> tokens)
    {
        for (var i = tokens.Count - 2; i > 0; i--)
        {
            if (tokens[i].Type != MtlLexer.COMMA || Kept(tokens, i))
                continue;
            var (comma, previous, following) = (tokens[i].Span.Start, tokens[i - 1].Span.Start, tokens[i + 1].Span.Start);
            var moved = leading[comma].Comments;
            if (trailing.Remove(comma, out var behind) && (moved.Count > 0 || !trailing.TryAdd(previous, behind)))
                moved.Add((behind, false));
            leading[following] = new([.. moved, .. leading[following].Comments], leading[following].AfterBlank);
        }
    }
}
