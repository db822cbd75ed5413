using System.Globalization;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>Losses and scores over steps and over time, and what the runs cost.</summary>
static class CurveSections
{
    public static string Curves(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        Legend(page, runs, labels);
        page.Raw("<div class=\"charts\">");
        Figure(page, "Training loss", "loss", runs, labels, r => r.Steps["step"], r => r.SecondsOfSteps(), r => r.Steps["loss"]);
        foreach (var loss in runs.SelectMany(r => r.Steps.Header).Where(h => h.StartsWith("loss/", StringComparison.Ordinal)).Distinct())
            Figure(page, $"Training loss: {loss[5..]}", loss[5..], runs, labels, r => r.Steps["step"], r => r.SecondsOfSteps(), r => r.Steps[loss]);
        foreach (var metric in Comparison.AllScores(runs).Select(MetricCatalog.Of).Where(m => Comparison.Headlines(runs).Contains(m.Key)))
            Validation(page, metric, runs, labels);
        page.Raw("</div>");
        var others = Comparison.AllScores(runs).Except(Comparison.Headlines(runs)).Select(MetricCatalog.Of).ToList();
        if (others.Count > 0)
        {
            page.Raw("<details><summary>Every metric</summary><div class=\"charts\">");
            foreach (var metric in others)
                Validation(page, metric, runs, labels);
            page.Raw("</div></details>");
        }
        return page.ToString();
    }

    /// <summary>Which colour is which run, to show and hide it, and the choice between steps and time.</summary>
    /// <param name="section">The section that it is for; empty for the whole page.</param>
    public static void Legend(Html page, IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels, string section = "")
    {
        var (axis, scope) = section.Length == 0 ? ("axis", "") : ($"axis-{Html.Escape(section)}", " data-scope=\"section\"");
        page.Raw("<fieldset class=\"legend\"><legend>Runs</legend>" + string.Concat(runs.Select((run, i) =>
            $"<label class=\"c{i % 8} d{i / 8 % 3}\"><input type=\"checkbox\" checked{scope} data-toggle=\"{i.ToString(CultureInfo.InvariantCulture)}\"><svg viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path d=\"M0 4H28\"/></svg>{Html.Escape(labels[run])}</label>")) + "</fieldset>");
        page.Raw($"<fieldset class=\"axis-choice\"><legend>Over</legend><label><input type=\"radio\" name=\"{axis}\" value=\"steps\" checked>steps</label><label><input type=\"radio\" name=\"{axis}\" value=\"time\">time</label></fieldset>");
    }

    public static void Validation(Html page, MetricMeaning metric, IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels) =>
        Figure(page, $"Validation: {metric.FullTitle} {ScoreText.Arrow(metric.Direction)}", ScoreText.Head(metric), runs, labels, r => r.Metrics["step"], r => r.Metrics["seconds"], r => r.Curve(metric.Key));

    public static string Cost(IReadOnlyList<StoredRun> runs, IReadOnlyList<StoredRun> drawn, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        page.Table(
            "What each run took", ["", "state", "parameters", "multiply-adds", "steps", "s a step", "images/s", "time", "peak memory"],
            runs.Select(run => (Html.Escape(labels[run]), Resources(run).Select(c => $"<td>{Html.Escape(c)}</td>"))));
        page.Element("p", "Parameters are the trainable ones. Multiply-adds are those of one forward pass over one training crop. Time includes evaluations and saving; peak memory is the process’s largest resident set.", "class=\"note\"");
        page.Raw("<div class=\"charts\">");
        Figure(page, "Memory of the process", "MB", drawn, labels, r => r.Resources["step"], r => r.Resources["seconds"], r => r.Resources["memory_mb"]);
        Figure(page, "Speed of training", "images/s", drawn, labels, r => r.Resources["step"], r => r.Resources["seconds"], r => r.Resources["images_per_second"]);
        Figure(page, "Processors busy", "processors", drawn, labels, r => r.Resources["step"], r => r.Resources["seconds"], r => r.Resources["processors_busy"]);
        return page.Raw("</div>").ToString();
    }

    static IEnumerable<string> Resources(StoredRun run)
    {
        yield return run.Status.ToString().ToLowerInvariant();
        if (run.Result is not { } result)
        {
            foreach (var _ in Enumerable.Range(0, 7))
                yield return "–";
            yield break;
        }
        yield return Text($"{result.Parameters:N0}");
        yield return Text($"{result.MultiplyAdds / 1e9:0.00} G");
        yield return Text($"{result.Steps:N0}");
        yield return ScoreText.Number(result.StepSeconds);
        yield return ScoreText.Number(result.ImagesPerSecond);
        yield return Time(result.Seconds);
        yield return Text($"{result.PeakMemory / 1048576.0:N0} MB");
    }

    public static string Time(double seconds) => TimeSpan.FromSeconds(Math.Round(seconds))
        .ToString(seconds < 86400 ? @"h\:mm\:ss" : @"d\ \d\ h\:mm\:ss", CultureInfo.InvariantCulture);

    static void Figure(
        Html page, string title, string yTitle, IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels,
        Func<StoredRun, double[]> steps, Func<StoredRun, double[]> seconds, Func<StoredRun, double[]> values)
    {
        var overSteps = LineChart.Draw(title, "step", yTitle, [.. runs.Select((r, i) => new Series(i, labels[r], steps(r), values(r)))]);
        if (overSteps.Length == 0)
            return;
        // Minutes where seconds would be many.
        var longest = runs.SelectMany(seconds).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var (unit, divisor) = longest > 7200 * 2 ? ("hours", 3600.0) : longest > 240 ? ("minutes", 60) : ("seconds", 1);
        var overTime = LineChart.Draw(title, unit, yTitle, [.. runs.Select((r, i) => new Series(i, labels[r], [.. seconds(r).Select(s => s / divisor)], values(r)))]);
        page.Raw("<figure>").Element("figcaption", title).Raw($"<div class=\"over-steps\">{overSteps}</div><div class=\"over-time\">{overTime}</div></figure>");
    }

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
