namespace Mtlc.Cli.Output;

/// <summary>Breaks text into lines that fit.</summary>
static class Wrapping
{
    /// <summary>Words, one space apart; a word longer than the line stands alone.</summary>
    public static List<string> Words(string text, int width) =>
        Joined(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), " ", "", width);

    /// <summary>Parts that are not torn, two spaces apart; lines after the first are indented.</summary>
    public static List<string> Parts(IEnumerable<string> parts, int? width) => Joined(parts, "  ", "    ", width ?? int.MaxValue);

    static List<string> Joined(IEnumerable<string> pieces, string separator, string indent, int width)
    {
        var lines = new List<string>();
        foreach (var piece in pieces)
        {
            if (lines.Count > 0 && lines[^1].Length + separator.Length + piece.Length <= width)
                lines[^1] += separator + piece;
            else
                lines.Add(lines.Count == 0 ? piece : indent + piece);
        }
        return lines;
    }
}
