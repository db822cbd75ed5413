using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>A CSV file of numbers that a run wrote, read while it may still grow: an unfinished last line is left out.</summary>
public sealed class NumberTable
{
    NumberTable(ImmutableArray<string> header, IReadOnlyList<double[]> rows) => (Header, Rows) = (header, rows);

    public static NumberTable Empty { get; } = new([], []);

    public ImmutableArray<string> Header { get; }

    /// <summary>An empty cell is NaN.</summary>
    public IReadOnlyList<double[]> Rows { get; }

    /// <param name="key">Of several rows with the same value in this column the last counts: a resumed run writes some
    /// again.</param>
    /// <returns>An empty table where there is no file.</returns>
    public static NumberTable Read(string path, string key = "step")
    {
        if (!File.Exists(path))
            return Empty;
        string text;
        using (var stream = RegularFile.OpenRead(path, FileShare.ReadWrite | FileShare.Delete))
        using (var reader = new StreamReader(stream))
            text = reader.ReadToEnd();
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return Empty;
        ImmutableArray<string> header = [.. Csv.Cells(lines[0].TrimEnd('\r'))];
        var place = header.IndexOf(key);
        var rows = new List<double[]>();
        foreach (var line in lines.Skip(1))
        {
            var cells = Csv.Cells(line.TrimEnd('\r'));
            if (cells.Length != header.Length)
                continue;
            var row = Array.ConvertAll(
                cells,
                c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN
            );
            while (place >= 0 && rows.Count > 0 && rows[^1][place] >= row[place])
                rows.RemoveAt(rows.Count - 1);
            rows.Add(row);
        }
        return new(header, rows);
    }

    public bool Has(string column) => Header.Contains(column);

    /// <summary>A column from top to bottom; nothing where there is none of that name.</summary>
    public double[] this[string column] => Header.IndexOf(column) is >= 0 and var i ? [.. Rows.Select(r => r[i])] : [];
}
