namespace Mtlc.Dsl.Formatting;

/// <summary>
/// A text that may be broken at known places (Wadler, "A prettier printer", 2003): a group is written on one line where it fits,
/// and with a line break at each of its places where it does not. </summary>
abstract class Doc
{
    public static readonly Doc Empty = new Text("");
    public static readonly Doc Space = new Text(" ");

    /// <summary>Columns it takes on one line.</summary>
    public int Width { get; protected init; }

    /// <summary>It cannot be written on one line.</summary>
    public bool HasBreak { get; protected init; }

    /// <summary>It ends with a comment: whatever follows goes to the next line.</summary>
    public bool EndsLine { get; protected init; }

    public static Doc Of(params IEnumerable<Doc> parts) => new Sequence([.. parts]);

    public static Doc Grouped(params IEnumerable<Doc> parts) => new Group(new Sequence([.. parts]));

    public static Doc Indented(params IEnumerable<Doc> parts) => new Indent(new Sequence([.. parts]));

    public static implicit operator Doc(string text) => new Text(text);
}

sealed class Text : Doc
{
    public Text(string value) => (Value, Width) = (value, value.Length);

    public string Value { get; }
}

/// <summary>A place to break.</summary>
sealed class Line : Doc
{
    public static readonly Line Spaced = new(" ");
    public static readonly Line Tight = new("");

    /// <summary>Settings are parted by a comma or a line break.</summary>
    public static readonly Line Comma = new(", ");
    public static readonly Line Hard = new(" ", isHard: true);
    public static readonly Line Blank = new(" ", isHard: true) { IsBlank = true };

    Line(string flat, bool isHard = false) => (Flat, Width, HasBreak, IsHard) = (flat, flat.Length, isHard, isHard);

    public string Flat { get; }

    public bool IsHard { get; }

    /// <summary>Leaves a line empty.</summary>
    public bool IsBlank { get; private init; }
}

/// <summary>A comment behind what it belongs to, or on a line of its own.</summary>
sealed class Comment : Doc
{
    public Comment(string value, bool ownLine) => (Value, OwnLine, EndsLine, HasBreak) = (value, ownLine, true, ownLine);

    public string Value { get; }

    public bool OwnLine { get; }
}

sealed class Sequence : Doc
{
    public Sequence(IReadOnlyList<Doc> parts)
    {
        Parts = parts;
        foreach (var part in parts)
        {
            // Past the widest line nobody counts; sums of long chains must not overflow.
            Width = Math.Min(Width + part.Width, FormatStyle.Widest + 1);
            HasBreak |= part.HasBreak || (EndsLine && part.Width > 0);
            EndsLine = part.EndsLine || (EndsLine && part.Width == 0 && part is not Line);
        }
    }

    public IReadOnlyList<Doc> Parts { get; }
}

sealed class Indent : Doc
{
    public Indent(Doc inner) => (Inner, Width, HasBreak, EndsLine) = (inner, inner.Width, inner.HasBreak, inner.EndsLine);

    public Doc Inner { get; }
}

sealed class Group : Doc
{
    public Group(Doc inner) => (Inner, Width, HasBreak, EndsLine) = (inner, inner.Width, inner.HasBreak, inner.EndsLine);

    public Doc Inner { get; }
}
