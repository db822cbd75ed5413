using Antlr4.Runtime;

namespace Mtlc.Dsl.Formatting;

/// <summary>Pieces on lines of their own, with the comments and, at most one at a time, the blank lines between them.</summary>
sealed class Block(Leaves leaves)
{
    readonly List<Doc> lines = [];

    /// <param name="comments">Stand before the piece.</param>
    /// <param name="afterBlank">Whether a blank line stands right before the piece.</param>
    public void Add(IReadOnlyList<(bool AfterBlank, Doc Comment)> comments, bool afterBlank, Doc piece)
    {
        Add(comments);
        Break(afterBlank);
        lines.Add(piece);
    }

    /// <summary>The pieces with the brackets around them.</summary>
    public Doc End(Doc opening, IToken close)
    {
        Add(leaves.TakeLeading(close));
        return lines.Count == 0
            ? Doc.Of(opening, " ", leaves.Leaf(close))
            : Doc.Of(opening, Doc.Indented([Line.Hard, .. lines]), Line.Hard, leaves.Leaf(close));
    }

    /// <summary>The pieces of a whole file.</summary>
    public Doc End(IToken end)
    {
        Add(leaves.TakeLeading(end));
        lines.Add(leaves.Leaf(end));
        return Doc.Of(lines);
    }

    void Add(IReadOnlyList<(bool AfterBlank, Doc Comment)> comments)
    {
        foreach (var (afterBlank, comment) in comments)
        {
            Break(afterBlank);
            lines.Add(comment);
        }
    }

    void Break(bool afterBlank)
    {
        if (lines.Count > 0)
            lines.Add(afterBlank ? Line.Blank : Line.Hard);
    }
}
