using System.Text;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;

namespace Mtlc.Runtime.Tracking;

/// <summary>Reads a table while it grows, each row once.</summary>
sealed class CsvTail(string path)
{
    const int Block = 1 << 16;

    long position;

    public string[] Header { get; private set; } = [];

    public void Rewind() => (position, Header) = (0, []);

    /// <returns>Some of the rows that are new; none where there are no more yet. A row that is still being written counts as not
    /// there.</returns>
    public IReadOnlyList<string[]> Read()
    {
        if (!File.Exists(path))
            return [];
        using var file = RegularFile.OpenRead(path, FileShare.ReadWrite | FileShare.Delete);
        file.Position = position;
        var block = new byte[Block];
        var count = file.ReadAtLeast(block, Block, throwOnEndOfStream: false);
        var end = block.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
        if (end == 0)
            return [];
        var lines = Encoding.UTF8.GetString(block, 0, end).Split('\n')[..^1];
        position += end;
        var rows = lines.Select(Csv.Cells).ToList();
        if (Header.Length == 0)
        {
            Header = rows[0];
            rows.RemoveAt(0);
        }
        return rows;
    }
}
