using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Mtlc.Runtime.Reports;

/// <summary>Rows of CSV files as RFC 4180 has them. A row is a line: no cell that mtlc writes holds a line break.</summary>
public static class Csv
{
    // A quote in the middle of a cell is a letter, as in files of other programs.
    static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture)
    {
        HasHeaderRecord = false,
        IgnoreBlankLines = false,
        BadDataFound = null,
        NewLine = "\n",
    };

    /// <summary>Cells in quotes where a comma, a quote or a space at an end asks for them; line breaks become spaces.</summary>
    public static string Row(params IEnumerable<string> cells)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var writer = new CsvWriter(text, Format, leaveOpen: true))
        {
            foreach (var cell in cells)
                writer.WriteField(cell.Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' '));
        }
        return text.ToString();
    }

    /// <summary>The cells of a line.</summary>
    public static string[] Cells(string line)
    {
        using var parser = new CsvParser(new StringReader(line), Format);
        return parser.Read() ? parser.Record! : [""];
    }
}
