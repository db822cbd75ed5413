namespace Mtlc.Runtime.Reports.Tables;

/// <summary>What to remove from one text and add to get the other: the longest common sequence of lines stays.</summary>
public static class LineDifference
{
    /// <returns>Lines that begin with '-', '+' or ' ' (up to <paramref name="context"/> around each change) or are "..."; empty for equal texts.</returns>
    public static IReadOnlyList<string> Between(string first, string second, int context = 2)
    {
        var (a, b) = (Lines(first), Lines(second));
        var lengths = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
                lengths[i, j] = a[i] == b[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
        }
        var all = new List<string>();
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            if (i < a.Length && j < b.Length && a[i] == b[j])
                (_, i, j) = (Add(" " + a[i]), i + 1, j + 1);
            else if (i < a.Length && (j == b.Length || lengths[i + 1, j] >= lengths[i, j + 1]))
                (_, i) = (Add("-" + a[i]), i + 1);
            else
                (_, j) = (Add("+" + b[j]), j + 1);
        }
        return Cut(all, context);

        bool Add(string line)
        {
            all.Add(line);
            return true;
        }
    }

    static List<string> Cut(List<string> lines, int context)
    {
        var kept = new List<string>();
        for (var i = 0; i < lines.Count; i++)
        {
            var near = Enumerable.Range(Math.Max(0, i - context), Math.Min(lines.Count, i + context + 1) - Math.Max(0, i - context)).Any(k => lines[k][0] != ' ');
            if (near)
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
