using System.Globalization;
using System.Text;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Reports;

/// <summary>
/// A table that grows by a row at a time, whose columns never change. Each row reaches the system before the next step, so that
/// only a crash of the machine can lose any; a resumed run cuts off what lies behind its checkpoint. </summary>
public sealed class CsvLog : IDisposable
{
    readonly FileStream file;
    readonly int columns;

    /// <param name="keep">Which rows of an existing file are kept, by their cells; rows behind the first that is not are
    /// dropped.</param>
    /// <exception cref="RunException">An existing file has other columns.</exception>
    public CsvLog(string path, IReadOnlyList<string> header, Func<string[], bool>? keep = null)
    {
        columns = header.Count;
        var first = Csv.Row(header);
        if (File.Exists(path) && new FileInfo(path).Length > 0)
        {
            var lines = RegularFile.ReadAllLines(path);
            if (lines[0] != first)
                throw new RunException($"{path}: has other columns than this program logs; give the run another directory");
            var kept = lines
                .Skip(1)
                .TakeWhile(line => Csv.Cells(line) is var cells && cells.Length == columns && keep?.Invoke(cells) != false);
            AtomicFile.WriteText(path, string.Concat(kept.Prepend(first).Select(line => line + "\n")));
        }
        else
        {
            AtomicFile.WriteText(path, first + "\n");
        }
        file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <param name="cells">Numbers (double, long, int), texts, or null for an empty cell.</param>
    public void Add(params IReadOnlyList<object?> cells)
    {
        if (cells.Count != columns)
            throw new ArgumentException($"{cells.Count} cells do not fill {columns} columns");
        file.Write(Encoding.UTF8.GetBytes(string.Join(',', cells.Select(Format)) + "\n"));
    }

    /// <summary>Makes the rows so far last.</summary>
    public void FlushToDisk() => RandomAccess.FlushToDisk(file.SafeFileHandle);

    public void Dispose()
    {
        file.Flush(flushToDisk: true);
        file.Dispose();
    }

    // The shortest text that reads back as the same number; NaN as an empty cell, which spreadsheets and pandas take for
    // "missing".
    static string Format(object? cell) =>
        cell switch
        {
            null or double.NaN => "",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => Csv.Row(cell.ToString()!),
        };
}
