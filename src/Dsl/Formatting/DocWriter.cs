using System.Text;

namespace Mtlc.Dsl.Formatting;

/// <summary>Writes a document within a width. Keeps a stack of its own: documents are as deep as programs.</summary>
sealed class DocWriter
{
    readonly record struct Piece(Doc Doc, int Indent, bool Flat);

    readonly FormatStyle style;
    readonly List<Piece> rest = [];
    readonly List<WrittenLine> lines = [];
    readonly StringBuilder line = new();
    string comment = "";

    /// <summary>A comment has ended the line: text that follows begins the next one, this far from the margin.</summary>
    int? continued;

    DocWriter(FormatStyle style) => this.style = style;

    /// <summary>The lines of a text; none is left open.</summary>
    public static List<WrittenLine> Write(Doc doc, FormatStyle style)
    {
        var writer = new DocWriter(style);
        writer.Run(doc);
        writer.Break(0);
        return writer.lines;
    }

    void Run(Doc doc)
    {
        rest.Add(new(doc, 0, Flat: false));
        while (rest.Count > 0)
        {
            var (next, indent, flat) = rest[^1];
            rest.RemoveAt(rest.Count - 1);
            switch (next)
            {
                case Text { Value.Length: > 0 } text:
                    if (continued is { } column)
                    {
                        if (string.IsNullOrWhiteSpace(text.Value))
                            break;
                        Break(column);
                    }
                    line.Append(text.Value);
                    break;
                case Line { IsHard: false } place when flat && continued is null:
                    line.Append(place.Flat);
                    break;
                case Line place:
                    Break(indent);
                    if (place.IsBlank)
                        Break(indent);
                    break;
                case Comment { OwnLine: true } own:
                    if (continued is not null || !string.IsNullOrWhiteSpace(line.ToString()))
                        Break(continued ?? indent + style.Indent);
                    continued = line.Length;
                    line.Append(own.Value);
                    break;
                case Comment trailing:
                    comment = trailing.Value;
                    continued = indent + style.Indent;
                    break;
                case Sequence sequence:
                    for (var i = sequence.Parts.Count - 1; i >= 0; i--)
                        rest.Add(new(sequence.Parts[i], indent, flat));
                    break;
                case Indent inner:
                    rest.Add(new(inner.Inner, indent + style.Indent, flat));
                    break;
                case Group group:
                    rest.Add(new(group.Inner, indent, flat || (!group.HasBreak && Fits(group))));
                    break;
            }
        }
    }

    void Break(int indent)
    {
        lines.Add(new(line.ToString().TrimEnd(), comment));
        line.Clear().Append(' ', indent);
        (comment, continued) = ("", null);
    }

    /// <summary>Whether a group on one line leaves room for what follows up to the next place to break.</summary>
    bool Fits(Group group)
    {
        var left = style.Width - line.Length - group.Width;
        var ahead = new Stack<Doc>();
        for (var i = rest.Count - 1; left >= 0; )
        {
            if (ahead.Count == 0)
            {
                if (i < 0)
                    return true;
                if (rest[i].Flat)
                {
                    left -= rest[i--].Doc.Width;
                    continue;
                }
                ahead.Push(rest[i--].Doc);
            }
            switch (ahead.Pop())
            {
                case Line or Comment:
                    return true;
                case Text text:
                    left -= text.Width;
                    break;
                case Sequence sequence:
                    for (var p = sequence.Parts.Count - 1; p >= 0; p--)
                        ahead.Push(sequence.Parts[p]);
                    break;
                case Indent inner:
                    ahead.Push(inner.Inner);
                    break;
                case Group inner:
                    ahead.Push(inner.Inner);
                    break;
            }
        }
        return false;
    }
}

/// <summary>A line of code, or a comment of its own, and the comment behind it; either may be empty.</summary>
sealed record WrittenLine(string Code, string Comment);
