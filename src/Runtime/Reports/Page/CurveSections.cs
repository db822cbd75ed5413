using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>Losses and scores over steps and over time, and what the runs cost.</summary>
static class CurveSections
{
    public static string Curves(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        Legend(page, runs, RunLabels.Of(runs, withSeed: false));
        AxisChoice(page, "curves");
        page.Raw("<div class=\"charts\">");
        Figure(page, "Training loss", "loss", runs, labels, r => r.Steps["step"], r => r.SecondsOfSteps(), r => r.Steps["loss"]);
        foreach (
            var loss in runs.SelectMany(r => r.Steps.Header)
                .Where(h => h.StartsWith("loss/", StringComparison.Ordinal))
                .Distinct()
        )
            Figure(
                page,
                $"Training loss: {loss[5..]}",
                loss[5..],
                runs,
                labels,
                r => r.Steps["step"],
                r => r.SecondsOfSteps(),
                r => r.Steps[loss]
            );
        foreach (
            var metric in Comparison
                .AllScores(runs)
                .Select(MetricCatalog.Of)
                .Where(m => Comparison.Headlines(runs).Contains(m.Key))
        )
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

    /// <summary>Which colour is which recipe in a section, to show and hide its runs; nothing for a single run.</summary>
    /// <param name="recipes">What each run's recipe is called.</param>
    public static void Legend(Html page, IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> recipes)
    {
        if (runs.Count < 2)
            return;
        page.Raw("<fieldset class=\"legend\"><legend>Runs</legend>");
        foreach (var (i, group) in runs.GroupBy(r => r.Recipe).Index())
        {
            var label = recipes[group.First()] + (group.Count() > 1 ? FormattableString.Invariant($" ({group.Count()})") : "");
            page.Raw(
                $"<label class=\"c{i % 8} d{i / 8 % 3}\"><input type=\"checkbox\" checked "
                    + $"data-toggle=\"{i.ToString(CultureInfo.InvariantCulture)}\"><svg viewBox=\"0 0 28 8\" "
                    + $"aria-hidden=\"true\"><path d=\"M0 4H28\"/></svg>{Html.Escape(label)}</label>"
            );
        }
        page.Raw("</fieldset>");
    }

    /// <summary>A curve for each run, in the colour of its recipe.</summary>
    public static IReadOnlyList<Series> Series(
        IReadOnlyList<StoredRun> runs,
        IReadOnlyDictionary<StoredRun, string> labels,
        Func<StoredRun, double[]> x,
        Func<StoredRun, double[]> y
    )
    {
        var recipes = runs.Select(r => r.Recipe).Distinct().ToList();
        return [.. runs.Select(r => new Series(recipes.IndexOf(r.Recipe), labels[r], x(r), y(r)))];
    }

    /// <summary>The choice between steps and time for a section's charts.</summary>
    public static void AxisChoice(Html page, string section) =>
        page.Raw(
            $"<fieldset class=\"axis-choice\"><legend>Over</legend><label><input type=\"radio\" "
                + $"name=\"axis-{Html.Escape(section)}\" value=\"steps\" checked>steps</label><label><input type=\"radio\" "
                + $"name=\"axis-{Html.Escape(section)}\" value=\"time\">time</label></fieldset>"
        );

    public static void Validation(
        Html page,
        MetricMeaning metric,
        IReadOnlyList<StoredRun> runs,
        IReadOnlyDictionary<StoredRun, string> labels
    ) =>
        Figure(
            page,
            $"Validation: {metric.FullTitle} {ScoreText.Arrow(metric.Direction)}",
            metric.Unit.Length > 0 ? metric.Unit : metric.Title,
            runs,
            labels,
            r => r.Metrics["step"],
            r => r.Metrics["seconds"],
            r => r.Curve(metric.Key)
        );

    /// <summary>What is sampled over a run.</summary>
    /// <param name="Cost">As a `report` names it; empty for what it cannot ask for.</param>
    sealed record SampledResource(string Cost, string Title, string Unit, Func<StoredRun, double[]> Values);

    static readonly ImmutableArray<SampledResource> Sampled =
    [
        new("memory", "Memory of the process", "MB", r => r.Resources["memory_mb"]),
        new("images_per_second", "Speed of training", "images/s", r => r.Resources["images_per_second"]),
        new("gpu_memory", "Memory in use on the GPU", "MB", r => r.Resources["gpu_memory_mb"]),
        new("energy", "Energy of the GPU so far", "kJ", r => [.. r.Resources["gpu_energy_j"].Select(j => j / 1000)]),
        new("energy", "Energy of the processors so far", "kJ", r => [.. r.Resources["cpu_energy_j"].Select(j => j / 1000)]),
        new("", "Processors busy", "processors", r => r.Resources["processors_busy"]),
    ];

    /// <summary>What runs took of something over their course, as in the report's figures 12 and 14.</summary>
    /// <returns>Whether any run tells.</returns>
    public static bool Resource(
        Html page,
        string cost,
        IReadOnlyList<StoredRun> runs,
        IReadOnlyDictionary<StoredRun, string> labels
    )
    {
        var isKnown = false;
        foreach (var sampled in Sampled.Where(s => s.Cost == cost))
            isKnown |= Resource(page, sampled, runs, labels);
        return isKnown;
    }

    static bool Resource(
        Html page,
        SampledResource sampled,
        IReadOnlyList<StoredRun> runs,
        IReadOnlyDictionary<StoredRun, string> labels
    ) =>
        Figure(
            page,
            sampled.Title,
            sampled.Unit,
            runs,
            labels,
            r => r.Resources["step"],
            r => r.Resources["seconds"],
            sampled.Values
        );

    public static string Cost(
        IReadOnlyList<StoredRun> runs,
        IReadOnlyList<StoredRun> drawn,
        IReadOnlyDictionary<StoredRun, string> labels
    )
    {
        var page = new Html();
        var costs = RunCosts.Known(runs);
        page.Table(
            "What each run took",
            [.. new[] { "", "state" }, .. costs.Select(c => Html.Escape(c.Title))],
            runs.Select(run =>
                (
                    Html.Escape(labels[run]),
                    costs.Select(c => c.Text(c.Of(run))).Prepend(run.State).Select(c => $"<td>{Html.Escape(c)}</td>")
                )
            )
        );
        page.Element("p", RunCosts.Note(costs), "class=\"note\"");
        Legend(page, drawn, RunLabels.Of(drawn, withSeed: false));
        AxisChoice(page, "cost");
        page.Raw("<div class=\"charts\">");
        foreach (var sampled in Sampled)
            Resource(page, sampled, drawn, labels);
        return page.Raw("</div>").ToString();
    }

    static bool Figure(
        Html page,
        string title,
        string yTitle,
        IReadOnlyList<StoredRun> runs,
        IReadOnlyDictionary<StoredRun, string> labels,
        Func<StoredRun, double[]> steps,
        Func<StoredRun, double[]> seconds,
        Func<StoredRun, double[]> values
    )
    {
        var overSteps = LineChart.Draw(title, "step", yTitle, Series(runs, labels, steps, values));
        if (overSteps.Length == 0)
            return false;
        // Minutes where seconds would be many.
        var longest = runs.SelectMany(seconds).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var (unit, divisor) =
            longest > 7200 * 2 ? ("hours", 3600.0)
            : longest > 240 ? ("minutes", 60)
            : ("seconds", 1);
        var overTime = LineChart.Draw(
            title,
            unit,
            yTitle,
            Series(runs, labels, r => [.. seconds(r).Select(s => s / divisor)], values)
        );
        page.Raw("<figure>")
            .Element("figcaption", title)
            .Raw($"<div class=\"over-steps\">{overSteps}</div><div class=\"over-time\">{overTime}</div></figure>");
        return true;
    }
}
