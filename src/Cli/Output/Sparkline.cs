using System.Text;

namespace Mtlc.Cli.Output;

/// <summary>A curve in one line of text.</summary>
static class Sparkline
{
    const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>The values from left to right between their least and their greatest; gaps where they are not finite.</summary>
    /// <param name="width">Columns; more values than columns are averaged in groups.</param>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        var points = Grouped(values, width);
        var finite = points.Where(double.IsFinite).ToList();
        if (finite.Count == 0)
            return "";
        var (low, high) = (finite.Min(), finite.Max());
        var line = new StringBuilder();
        foreach (var point in points)
            line.Append(double.IsFinite(point) ? Levels[Level(point, low, high)] : ' ');
        return line.ToString();
    }

    static int Level(double value, double low, double high) =>
        high > low ? Math.Min((int)((value - low) / (high - low) * Levels.Length), Levels.Length - 1) : 0;

    static List<double> Grouped(IReadOnlyList<double> values, int width)
    {
        if (values.Count <= width)
            return [.. values];
        return
        [
            .. Enumerable
                .Range(0, width)
                .Select(i =>
                {
                    var (from, to) = ((int)((long)i * values.Count / width), (int)((long)(i + 1) * values.Count / width));
                    var group = values.Skip(from).Take(to - from).Where(double.IsFinite).ToList();
                    return group.Count == 0 ? double.NaN : group.Average();
                }),
        ];
    }
}
