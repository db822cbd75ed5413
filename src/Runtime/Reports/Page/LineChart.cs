using System.Globalization;
using System.Text;

namespace Mtlc.Runtime.Reports.Page;

/// <param name="Index">Decides colour and dashes, and which legend entry hides it.</param>
sealed record Series(int Index, string Label, double[] X, double[] Y);

/// <summary>Several curves over one axis, as SVG that takes its colours from the page.</summary>
static class LineChart
{
    const double Width = 560,
        Height = 300,
        Left = 58,
        Right = 14,
        Top = 26,
        Bottom = 44;
    const int MostPoints = 300,
        Colors = 8;

    /// <returns>An empty text where there is nothing to draw.</returns>
    public static string Draw(string title, string xTitle, string yTitle, IReadOnlyList<Series> series)
    {
        var curves = series.Select(s => s with { X = s.X, Y = s.Y }).Select(Thin).Where(s => s.X.Length > 0).ToList();
        if (curves.Count == 0)
            return "";
        var (x0, x1) = Range(curves.SelectMany(c => c.X));
        var (y0, y1) = Range(curves.SelectMany(c => c.Y));
        var svg = new StringBuilder();
        svg.Append(
            Text(
                $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Escape(title)}: {Html.Escape(yTitle)} over {Html.Escape(xTitle)}\">"
            )
        );
        foreach (var tick in Ticks(y0, y1, 5))
        {
            var y = Y(tick);
            svg.Append(
                Text(
                    $"<path class=\"grid\" d=\"M{Left} {y:0.#}H{Width - Right}\"/><text class=\"tick\" x=\"{Left - 6}\" y=\"{y + 3.5:0.#}\" text-anchor=\"end\">{Label(tick)}</text>"
                )
            );
        }
        foreach (var tick in Ticks(x0, x1, 6))
            svg.Append(
                Text(
                    $"<path class=\"grid\" d=\"M{X(tick):0.#} {Top}V{Height - Bottom}\"/><text class=\"tick\" x=\"{X(tick):0.#}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{Label(tick)}</text>"
                )
            );
        svg.Append(Text($"<path class=\"axis\" d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\"/>"));
        svg.Append(
            Text(
                $"<text class=\"tick\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">{Html.Escape(xTitle)}</text>"
            )
        );
        svg.Append(Text($"<text class=\"tick\" x=\"{Left}\" y=\"14\">{Html.Escape(yTitle)}</text>"));
        foreach (var curve in curves)
        {
            var path = string.Join('L', curve.X.Zip(curve.Y, (x, y) => Text($"{X(x):0.#} {Y(y):0.#}")));
            svg.Append(
                Text(
                    $"<g class=\"series c{curve.Index % Colors} d{curve.Index / Colors % 3}\" data-series=\"{curve.Index}\"><title>{Html.Escape(curve.Label)}: {Label(curve.Y[^1])} at {Label(curve.X[^1])}</title><path d=\"M{path}\"/>"
                )
            );
            if (curve.X.Length <= 40)
                svg.Append(
                    string.Concat(
                        curve.X.Zip(
                            curve.Y,
                            (x, y) =>
                                Text(
                                    $"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"2.6\"><title>{Html.Escape(curve.Label)}: {Label(y)} at {Label(x)}</title></circle>"
                                )
                        )
                    )
                );
            svg.Append("</g>");
        }
        return svg.Append("</svg>").ToString();

        double X(double x) => Left + (x - x0) / (x1 - x0) * (Width - Left - Right);
        double Y(double y) => Height - Bottom - (y - y0) / (y1 - y0) * (Height - Top - Bottom);
    }

    /// <summary>Finite points, averaged in groups where there are more than a line can show.</summary>
    static Series Thin(Series series)
    {
        var points = series.X.Zip(series.Y).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second)).ToList();
        var size = (points.Count + MostPoints - 1) / MostPoints;
        var groups = size <= 1 ? [.. points.Select(p => new[] { p })] : points.Chunk(size).ToList();
        return series with
        {
            X = [.. groups.Select(g => g.Average(p => p.First))],
            Y = [.. groups.Select(g => g.Average(p => p.Second))],
        };
    }

    static (double Low, double High) Range(IEnumerable<double> values)
    {
        var (low, high) = (double.MaxValue, double.MinValue);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        var room = high > low ? (high - low) * 0.04 : Math.Max(Math.Abs(high) * 0.1, 0.5);
        return (low >= 0 && low - room < 0 ? 0 : low - room, high + room);
    }

    static IEnumerable<double> Ticks(double low, double high, int about)
    {
        var raw = (high - low) / about;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step =
            power
            * (raw / power) switch
            {
                < 1.5 => 1,
                < 3.5 => 2,
                < 7.5 => 5,
                _ => 10,
            };
        for (var i = Math.Ceiling(low / step); i * step <= high + step * 1e-9; i++)
            yield return i * step;
    }

    static string Label(double value) =>
        Math.Abs(value) switch
        {
            0 => "0",
            >= 1e9 or < 1e-3 => value.ToString("0.##e+0", CultureInfo.InvariantCulture),
            >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
            >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k",
            >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
            >= 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
            _ => value.ToString("0.####", CultureInfo.InvariantCulture),
        };

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
