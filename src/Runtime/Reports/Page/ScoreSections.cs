using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>Tables of scores: headlines, every metric, IoU of each class, confusion.</summary>
static class ScoreSections
{
    public static string Scores(IReadOnlyList<StoredRun> runs, StoredRun? baseline)
    {
        var page = new Html();
        var headlines = Comparison.Of(runs, baseline);
        Table(page, headlines, "Scores at the last evaluation on the validation split");
        var notes = new List<string> { "An arrow shows which way a score improves; the best of a column is bold." };
        if (headlines.Rows.Any(r => r.Runs.Length > 1))
            notes.Add("Repeats that differ in the seed alone share a row: mean ± standard deviation (number of runs).");
        if (headlines.Baseline >= 0)
        {
            notes.Add(
                $"Small: the difference from “{headlines.Rows[headlines.Baseline].Label}”. Δm is the mean over the tasks of "
                    + $"the relative change of their first score, positive for better."
            );
            notes.Add(
                headlines.Rows.SelectMany(r => r.Cells).Any(c => !double.IsNaN(c.Noise))
                    ? "The noise of a difference comes from the repeats of one recipe, pooled over the rows; a difference "
                        + "below twice its noise is not distinguishable from it."
                    : "No recipe was repeated with another seed, so nothing is known of the noise of these differences."
            );
        }
        page.Element("p", string.Join(' ', notes), "class=\"note\"");
        var all = Comparison.AllScores(runs).ToList();
        if (all.Count > headlines.Columns.Length)
        {
            page.Raw("<details><summary>Every metric</summary>");
            Table(page, Comparison.Of(runs, baseline, all), "Every metric");
            page.Raw("</details>");
        }
        return page.ToString();
    }

    /// <param name="extra">More columns, a cell a row.</param>
    public static void Table(
        Html page,
        Comparison comparison,
        string caption,
        IReadOnlyList<(string Head, ImmutableArray<string> Cells)>? extra = null
    )
    {
        var hasBaseline = comparison.Baseline >= 0 && comparison.Columns.Length > 0;
        extra ??= [];
        page.Table(
            caption,
            [
                .. new[] { "" },
                .. comparison.Columns.Select(c => Html.Escape(ScoreText.Head(c))),
                .. hasBaseline ? ["Δm % ↑"] : Array.Empty<string>(),
                .. extra.Select(e => Html.Escape(e.Head)),
            ],
            comparison.Rows.Select(
                (row, i) =>
                    (
                        Html.Escape(row.Label) + (i == comparison.Baseline ? " <small>baseline</small>" : "") + Unfinished(row),
                        (IEnumerable<string>)
                            [
                                .. row.Cells.Zip(comparison.Columns, (c, column) => Cell(c, column, row.Runs.Length)),
                                .. hasBaseline ? [Plain(ScoreText.Percent(row.RelativeChange))] : Array.Empty<string>(),
                                .. extra.Select(e => Plain(e.Cells[i])),
                            ]
                    )
            ),
            "class=\"scores\""
        );
    }

    static string Unfinished(ComparisonRow row) =>
        row.Runs.IsEmpty ? " <small class=\"warn\">missing</small>"
        : row.Runs.FirstOrDefault(r => r.Status != RunStatus.Finished) is { } run ? $" <small class=\"warn\">{run.State}</small>"
        : "";

    static string Plain(string text) => $"<td>{Html.Escape(text)}</td>";

    static string Cell(ScoreCell cell, MetricMeaning column, int runs)
    {
        var score = Html.Escape(ScoreText.Score(cell, column, runs));
        var better = cell.Difference * (column.Direction == MetricDirection.Lower ? -1 : 1);
        var tone =
            cell.IsDistinguishable == false || !(Math.Abs(better) > 0) ? ""
            : better > 0 ? " class=\"better\""
            : " class=\"worse\"";
        var difference = ScoreText.Difference(cell, column);
        return $"<td>{(cell.IsBest ? $"<b>{score}</b>" : score)}"
            + $"{(difference.Length == 0 ? "" : $"<small{tone}>{Html.Escape(difference)}</small>")}</td>";
    }

    /// <summary>A row a class, a column a recipe, with a bar behind each number.</summary>
    public static string Classes(IReadOnlyList<StoredRun> runs)
    {
        var page = new Html();
        var keys = runs.SelectMany(r => r.Keys)
            .Distinct()
            .Select(MetricCatalog.Of)
            .Where(m => m.Detail.Length > 0 && m.Direction != MetricDirection.None && !DistanceSection.IsBand(m));
        foreach (var group in keys.GroupBy(m => (m.Task, m.Title, m.Unit, m.Direction)))
            Details(page, runs, [.. group]);
        return page.ToString();
    }

    /// <summary>One of many of a kind a row.</summary>
    /// <param name="metrics">That differ in the detail alone.</param>
    public static void Details(Html page, IReadOnlyList<StoredRun> runs, IReadOnlyList<MetricMeaning> metrics)
    {
        var comparison = Comparison.Of(runs, null, metrics.Select(m => m.Key));
        var (task, title, unit, direction) = (metrics[0].Task, metrics[0].Title, metrics[0].Unit, metrics[0].Direction);
        var largest =
            unit == "%"
                ? 100
                : comparison.Rows.SelectMany(r => r.Cells).Select(c => c.Mean).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        page.Table(
            $"{task} {title}{(unit.Length > 0 ? $" ({unit})" : "")} {ScoreText.Arrow(direction)}",
            [.. new[] { "" }, .. comparison.Rows.Select(r => Html.Escape(r.Label))],
            metrics.Select((m, k) => (Html.Escape(m.Detail), comparison.Rows.Select(r => Bar(r.Cells[k], m, largest)))),
            "class=\"bars\""
        );
    }

    static string Bar(ScoreCell cell, MetricMeaning metric, double largest)
    {
        var text = cell.IsBest ? $"<b>{ScoreText.Number(cell.Mean, metric)}</b>" : ScoreText.Number(cell.Mean, metric);
        return double.IsNaN(cell.Mean)
            ? $"<td>{text}</td>"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"<td style=\"--v:{Math.Clamp(cell.Mean / largest, 0, 1) * 100:0.#}%\">{text}</td>"
            );
    }

    /// <summary>Rows are labels, columns predictions, in percent of the label's pixels.</summary>
    public static string Confusion(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        var first = true;
        foreach (var run in runs)
        {
            foreach (var path in Directory.GetFiles(run.Root, "confusion-*.csv").Order(StringComparer.Ordinal))
            {
                var lines = RegularFile.ReadAllLines(path).Select(Csv.Cells).ToList();
                if (lines.Count < 2 || lines.Exists(l => l.Length != lines[0].Length))
                    continue;
                var names = lines[0].Skip(1).ToList();
                page.Raw(first ? "<details open>" : "<details>")
                    .Element("summary", $"{labels[run]}: {Path.GetFileNameWithoutExtension(path)["confusion-".Length..]}");
                page.Table(
                    "Percent of the pixels of each class (rows) by the class predicted (columns)",
                    [.. new[] { "" }, .. names.Select(n => $"<span class=\"tilt\">{Html.Escape(n)}</span>")],
                    lines.Skip(1).Select(line => (Html.Escape(line[0]), Shares(line, names))),
                    "class=\"heat\""
                );
                page.Raw("</details>");
                first = false;
            }
        }
        return page.ToString();
    }

    static IEnumerable<string> Shares(string[] line, List<string> names)
    {
        var counts = line.Skip(1)
            .Select(c => double.TryParse(c, CultureInfo.InvariantCulture, out var count) ? count : 0)
            .ToArray();
        var total = counts.Sum();
        for (var i = 0; i < counts.Length; i++)
        {
            var share = total > 0 ? 100 * counts[i] / total : double.NaN;
            yield return share >= 0.05
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"<td style=\"--v:{share:0.#}%\" title=\"{Html.Escape(line[0])} as {Html.Escape(names[i])}\">{share:0.0}</td>"
                )
                : "<td></td>";
        }
    }
}
