using System.Collections.Immutable;
using Antlr4.Runtime;
using Mtlc.Dsl.Generated;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>Collects comments and blank lines while a text is cut into tokens.</summary>
sealed class TriviaBuilder
{
    readonly ImmutableArray<CommentSyntax>.Builder comments = ImmutableArray.CreateBuilder<CommentSyntax>();
    readonly ImmutableArray<int>.Builder blankLines = ImmutableArray.CreateBuilder<int>();

    /// <param name="hidden">A comment, or spaces and line breaks.</param>
    public void Add(SourceText source, IToken hidden)
    {
        var (start, length) = (hidden.StartIndex, hidden.StopIndex - hidden.StartIndex + 1);
        if (hidden.Type == MtlLexer.COMMENT)
            comments.Add(new(IsAlone(source, start), source.Span(start, length)));
        else if (length > 1 || start == 0)
            AddBlankLines(source, start, start + length);
    }

    public TriviaSyntax ToTrivia(SourceText source) =>
        comments.Count == 0 && blankLines.Count == 0
            ? TriviaSyntax.None
            : new(comments.ToImmutable(), [.. blankLines.Where(l => EndsIn(source, l))]);

    static bool IsAlone(SourceText source, int start)
    {
        var before = source.Content.AsSpan(0, start);
        return before[(before.LastIndexOfAny('\n', '\r') + 1)..].IsWhiteSpace();
    }

    /// <summary>The lines that lie whole in a piece of spaces.</summary>
    void AddBlankLines(SourceText source, int start, int end)
    {
        var (from, to) = (source.Position(start), source.Position(end));
        for (var line = from.Column == 1 ? from.Line : from.Line + 1; line < to.Line; line++)
            blankLines.Add(line);
        if (end == source.Content.Length && to.Column > 1 && (to.Line > from.Line || from.Column == 1))
            blankLines.Add(to.Line);
    }

    static bool EndsIn(SourceText source, int line) => source.LineStart(line) < source.Content.Length;
}
