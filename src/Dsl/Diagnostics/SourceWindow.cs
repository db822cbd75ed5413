using System.Text;

namespace Mtlc.Dsl.Diagnostics;

/// <summary>The part of a source line that fits into a terminal, and the columns of the underlined piece in it.</summary>
/// <param name="Shown">The text, with "..." where something is cut off.</param>
/// <param name="From">0-based column at which the underline starts.</param>
/// <param name="To">0-based column behind its end.</param>
readonly record struct SourceWindow(string Shown, int From, int To)
{
    const string Cut = "...";

    /// <summary>How much of the line before the underlined piece is kept, if it can be.</summary>
    const int Before = 30;

    /// <param name="line">Without its line break.</param>
    /// <param name="from">Offset at which the underlined piece starts.</param>
    /// <param name="to">Offset behind its end.</param>
    /// <param name="width">Columns there are.</param>
    public static SourceWindow Of(string line, int from, int to, int width)
    {
        var shown = new StringBuilder();
        var (start, end, column) = (0, 0, 0);
        var columns = new List<(int Column, int Index)>();
        var offset = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (offset == from)
                start = column;
            if (offset == to)
                end = column;
            columns.Add((column, shown.Length));
            shown.Append(VisibleText.Shown(rune));
            column += VisibleText.Columns(rune);
            offset += rune.Utf16SequenceLength;
        }
        start = from >= line.Length ? column : start;
        end = to >= line.Length ? column : Math.Max(end, start);
        if (column <= width)
            return new(shown.ToString().TrimEnd(), start, end);

        var left = start > width / 2 ? Math.Max(0, start - Math.Min(Before, width / 3)) : 0;
        var right = left + width - (left > 0 ? Cut.Length : 0) - Cut.Length;
        var first = columns.FindIndex(c => c.Column >= left);
        var last = columns.FindIndex(c => c.Column > right) - 1;
        var (firstIndex, lastIndex) = (
            first < 0 ? shown.Length : columns[first].Index,
            last < 0 ? shown.Length : columns[last].Index
        );
        left = first < 0 ? column : columns[first].Column;
        var shift = left - (left > 0 ? Cut.Length : 0);
        var middle = shown.ToString(firstIndex, Math.Max(0, lastIndex - firstIndex));
        var (cutLeft, cutRight) = (left > 0 ? Cut : "", last < 0 ? "" : Cut);
        return new(cutLeft + middle + cutRight, start - shift, Math.Min(end - shift, width));
    }
}
