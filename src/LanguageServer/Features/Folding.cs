using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Protocol;
using Mtlc.LanguageServer.Texts;

namespace Mtlc.LanguageServer.Features;

/// <summary>Brackets over several lines, and comments of several lines; also in a text that does not parse.</summary>
static class Folding
{
    public static FoldingRange[] Of(Analysis file)
    {
        var ranges = new List<FoldingRange>();
        var open = new Stack<int>();
        var (first, last) = (-1, -2);
        foreach (var token in Token.Scan(file.Text))
        {
            var line = file.Source.PositionOf(token.Start).Line;
            if (token is { Kind: TokenKind.Comment, FirstOnLine: true })
            {
                if (line != last + 1)
                    first = line;
                last = line;
                if (last > first)
                {
                    ranges.RemoveAll(r => r.StartLine == first && r.Kind == "comment");
                    ranges.Add(new(first, last, "comment"));
                }
            }
            if (token.Kind == TokenKind.Opening)
                open.Push(line);
            else if (token.Kind == TokenKind.Closing && open.TryPop(out var start) && line - 1 > start)
                ranges.Add(new(start, line - 1, null));
        }
        return [.. ranges.DistinctBy(r => (r.StartLine, r.EndLine)).OrderBy(r => r.StartLine)];
    }
}
