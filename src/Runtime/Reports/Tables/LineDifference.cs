using DiffPlex;

namespace Mtlc.Runtime.Reports.Tables;

/// <summary>What to remove from one text and add to get the other (Myers 1986): as many lines as possible stay.</summary>
public static class LineDifference
{
    /// <returns>Lines that begin with '-', '+' or ' ' (up to <paramref name="context"/> around each change) or are "..."; empty
    /// for equal texts.</returns>
    public static IReadOnlyList<string> Between(string first, string second, int context = 2)
    {
        var (a, b) = (Lines(first), Lines(second));
        var (all, done) = (new List<string>(), 0);
        foreach (
            var change in Differ
                .Instance.CreateLineDiffs(string.Join('\n', a), string.Join('\n', b), ignoreWhitespace: false)
                .DiffBlocks
        )
        {
            var removed = a.AsSpan(change.DeleteStartA, change.DeleteCountA);
            Add(' ', a.AsSpan(done, change.DeleteStartA - done));
            Add('-', removed);
            Add('+', b.AsSpan(change.InsertStartB, change.InsertCountB));
            done = change.DeleteStartA + removed.Length;
        }
        Add(' ', a.AsSpan(done));
        return Cut(all, context);

        void Add(char sign, ReadOnlySpan<string> lines)
        {
            foreach (var line in lines)
                all.Add(sign + line);
        }
    }

    static List<string> Cut(List<string> lines, int context)
    {
        var kept = new List<string>();
        for (var i = 0; i < lines.Count; i++)
        {
            var (from, to) = (Math.Max(0, i - context), Math.Min(lines.Count, i + context + 1));
            if (lines[from..to].Exists(line => line[0] != ' '))
                kept.Add(lines[i]);
            else if (kept.Count > 0 && kept[^1] != "...")
                kept.Add("...");
        }
        if (kept is [.., "..."])
            kept.RemoveAt(kept.Count - 1);
        return kept;
    }

    static string[] Lines(string text) => [.. text.TrimEnd().Split('\n').Select(l => l.TrimEnd())];
}
