using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>Depth error over the true distance, from the bands that metrics.csv holds ("depth/mae/10-15m").</summary>
static class DistanceSection
{
    public static string Write(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        var bands = runs.SelectMany(r => r.Keys).Distinct().Select(MetricCatalog.Of).Where(IsBand).ToList();
        if (bands.Count == 0)
            return "";
        CurveSections.Legend(page, runs, RunLabels.Of(runs, withSeed: false));
        page.Raw("<div class=\"charts\">");
        foreach (var group in bands.GroupBy(m => (m.Task, m.Title, m.Unit)))
        {
            var (task, title, unit) = group.Key;
            var places = group.Select(m => Place(m.Detail)).ToArray();
            var chart = LineChart.Draw(
                $"{task} {title} over distance",
                "true distance, m",
                unit.Length > 0 ? unit : title,
                CurveSections.Series(runs, labels, _ => places, run => [.. group.Select(m => run.Score(m.Key))])
            );
            if (chart.Length > 0)
                page.Raw("<figure>").Element("figcaption", $"{task} {title} over distance ↓").Raw(chart).Raw("</figure>");
        }
        page.Raw("</div>");
        page.Element(
            "p",
            "Over all labelled pixels of a band of true distance at the last evaluation, drawn at the band’s middle; the last "
                + "band is open.",
            "class=\"note\""
        );
        page.Raw("<details><summary>The bands in numbers</summary>");
        foreach (var group in bands.GroupBy(m => (m.Task, m.Title, m.Unit)))
            ScoreSections.Details(page, runs, [.. group]);
        return page.Raw("</details>").ToString();
    }

    public static bool IsBand(MetricMeaning metric) =>
        metric.DetailKind == MeasureDetail.Distance && metric.Direction != MetricDirection.None;

    /// <summary>"10-15m" lies at 12.5; the open "80m+" at its border and an eighth.</summary>
    static double Place(string band)
    {
        var ends = band.TrimEnd('+', 'm').Split('-').Select(e => double.Parse(e, CultureInfo.InvariantCulture)).ToArray();
        return ends.Length == 1 ? ends[0] * 1.125 : (ends[0] + ends[1]) / 2;
    }
}
