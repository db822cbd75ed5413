using System.Text;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Cli.Output;

/// <param name="Title">The column's head.</param>
/// <param name="IsNumber">Set flush right.</param>
/// <param name="Rank">In a narrow terminal the column of the highest rank is left out first; rank 0 never is.</param>
sealed record TableColumn(string Title, bool IsNumber = false, int Rank = 0);

/// <summary>
/// A table in plain text: columns two spaces apart, a rule below the head and above the totals. Columns that do not fit are left
/// out by rank, and a last line names them.
/// </summary>
sealed class TextTable(params TableColumn[] columns)
{
    const int Gap = 2;

    /// <summary>Longer names would push all other columns out of sight.</summary>
    const int LongestCell = 200;

    readonly TableColumn[] columns = [.. columns.Select(c => c with { Title = Cell(c.Title) })];
    readonly List<string[]> rows = [];
    int totalsFrom = -1;

    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"{cells.Length} cells for {columns.Length} columns");
        rows.Add(Array.ConvertAll(cells, Cell));
    }

    /// <summary>The rows added from here on are totals.</summary>
    public void BeginTotals() => totalsFrom = rows.Count;

    /// <summary>Whether everything but columns without a title fits.</summary>
    public bool Fits(int? width)
    {
        var widths = Widths();
        return Fitting(widths, width).Count(i => columns[i].Title.Length > 0) == columns.Count(c => c.Title.Length > 0)
            && Total(Fitting(widths, width), widths) <= (width ?? int.MaxValue);
    }

    public void Write(Terminal terminal)
    {
        var widths = Widths();
        var kept = Fitting(widths, terminal.Width);
        var rule = terminal.Style(new string('─', Total(kept, widths)), Ink.Dim);
        terminal.WriteLine(terminal.Style(Line(columns.Select(c => c.Title).ToArray(), widths, kept), Ink.Bold));
        terminal.WriteLine(rule);
        for (var i = 0; i < rows.Count; i++)
        {
            if (i == totalsFrom)
                terminal.WriteLine(rule);
            terminal.WriteLine(Line(rows[i], widths, kept));
        }
        var left = columns.Where((c, i) => !kept.Contains(i) && c.Title.Length > 0).Select(c => c.Title).ToList();
        if (left.Count > 0)
            terminal.WriteText($"(no room for: {string.Join(", ", left)})", Ink.Dim);
    }

    static string Cell(string text) => VisibleText.Whole(VisibleText.Clipped(text, LongestCell));

    int[] Widths() => [.. columns.Select((c, i) => rows.Select(r => r[i].Length).Append(c.Title.Length).Max())];

    static int Total(List<int> kept, int[] widths) => kept.Sum(i => widths[i] + Gap) - Gap;

    List<int> Fitting(int[] widths, int? room)
    {
        var kept = Enumerable.Range(0, columns.Length).ToList();
        while (Total(kept, widths) > room)
        {
            var last = kept.MaxBy(i => columns[i].Rank);
            if (columns[last].Rank == 0)
                break;
            kept.Remove(last);
        }
        return kept;
    }

    string Line(string[] cells, int[] widths, List<int> kept)
    {
        var line = new StringBuilder();
        foreach (var i in kept)
        {
            if (line.Length > 0)
                line.Append(' ', Gap);
            line.Append(columns[i].IsNumber ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i]));
        }
        return line.ToString().TrimEnd();
    }
}
