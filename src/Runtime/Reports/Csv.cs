using System.Text;

namespace Mtlc.Runtime.Reports;

/// <summary>Rows of CSV files as RFC 4180 has them. A row is a line: no cell that mtlc writes holds a line break.</summary>
static class Csv
{
    public static string Row(IEnumerable<string> cells) => string.Join(',', cells.Select(Cell));

    /// <summary>In quotes where a comma, a quote or a space at an end asks for them; line breaks become spaces.</summary>
    public static string Cell(string text)
    {
        var line = text.Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ');
        return line.AsSpan().IndexOfAny(',', '"') < 0 && line.Trim().Length == line.Length
            ? line
            : $"\"{line.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The cells of a line. A quote in the middle of a cell is a letter, as in files of other programs.</summary>
    public static string[] Cells(string line)
    {
        if (!line.Contains('"'))
            return line.Split(',');
        var cells = new List<string>();
        for (var at = 0; ; at++)
        {
            cells.Add(at < line.Length && line[at] == '"' ? Quoted(line, ref at) : Plain(line, ref at));
            if (at >= line.Length)
                return [.. cells];
        }
    }

    // Leaves the place of the comma that follows.
    static string Plain(string line, ref int at)
    {
        var end = line.IndexOf(',', at) is >= 0 and var comma ? comma : line.Length;
        var cell = line[at..end];
        at = end;
        return cell;
    }

    static string Quoted(string line, ref int at)
    {
        var cell = new StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] != '"')
                cell.Append(line[at]);
            else if (at + 1 < line.Length && line[at + 1] == '"')
                cell.Append(line[at++]);
            else
                break;
        }
        at++;
        return cell.Append(at < line.Length ? Plain(line, ref at) : "").ToString();
    }
}
