using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>The tables and figures that a `report` declares, filled from whatever runs there are; what is missing is marked as
/// missing.</summary>
public static class PlannedReport
{
    public static string Write(ReportPlan plan, IReadOnlyList<StoredRun> runs)
    {
        var page = new Html();
        foreach (var item in plan.Items)
        {
            page.Raw($"<section id=\"{Html.Escape(item.Name)}\">").Element("h2", item.Name);
            if (item.Kind == ReportItemKind.Table)
                ScoreSections.Table(page, Table(item, runs), item.Caption, Costs(item, runs));
            else
                Curves(page, item, runs);
            page.Raw("</section>");
        }
        return ReportPage.Frame(plan.Name, Summary(plan, runs), [.. plan.Items.Select(i => (i.Name, i.Name))], page.ToString());
    }

    public static string Markdown(ReportPlan plan, IReadOnlyList<StoredRun> runs)
    {
        var text = new StringBuilder($"# {plan.Name}\n\n{Summary(plan, runs)}\n");
        foreach (var item in plan.Items.Where(i => i.Kind == ReportItemKind.Table))
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n## {item.Name}\n\n{TableFormats.Markdown(Table(item, runs), Costs(item, runs))}\n{item.Caption}\n"
            );
        return text.ToString();
    }

    static string Summary(ReportPlan plan, IReadOnlyList<StoredRun> runs)
    {
        var rows = plan.Items.SelectMany(i => i.Rows).Select(r => r.Recipe).Distinct().ToList();
        var found = rows.Count(r => runs.Any(run => run.Recipe == r));
        return string.Create(CultureInfo.InvariantCulture, $"{found} of {rows.Count} recipes have runs")
            + (found == rows.Count ? "." : "; the others are marked as missing.");
    }

    static ImmutableArray<StoredRun> Runs(ReportRow row, IReadOnlyList<StoredRun> runs) =>
        [.. runs.Where(r => r.Recipe == row.Recipe)];

    static Comparison Table(ReportItem item, IReadOnlyList<StoredRun> runs)
    {
        var rows = item.Rows.Select(r => (r.Label, Runs: Runs(r, runs))).ToList();
        var all = rows.SelectMany(r => r.Runs).ToList();
        // Where nothing has run yet, the columns of the report stand empty.
        var keys =
            item.Scores.Length > 0 ? item.Scores
            : item.Costs.Length > 0 ? []
            : all.Count > 0 ? Comparison.Headlines(all)
            : [MultitaskScore.Measure.Key];
        return Comparison.Of(rows, item.Baseline, keys);
    }

    static IReadOnlyList<(string Head, ImmutableArray<string> Cells)> Costs(ReportItem item, IReadOnlyList<StoredRun> runs) =>
        [
            .. item
                .Costs.Select(c => RunCosts.Find(c)!)
                .Select(cost =>
                    (cost.Title, item.Rows.Select(row => cost.Text(Cost(cost, row, Runs(row, runs)))).ToImmutableArray())
                ),
        ];

    /// <summary>The mean over a recipe's runs; what the program alone tells needs none.</summary>
    static double Cost(RunCost cost, ReportRow row, ImmutableArray<StoredRun> runs) =>
        cost.Key switch
        {
            "parameters" => row.Parameters,
            "multiply_adds" => row.MultiplyAdds,
            _ => RunCosts.Mean(cost, runs),
        };

    static void Curves(Html page, ReportItem item, IReadOnlyList<StoredRun> runs)
    {
        var (labels, rows) = (new Dictionary<StoredRun, string>(), new Dictionary<StoredRun, string>());
        foreach (var row in item.Rows)
        {
            var found = Runs(row, runs);
            foreach (var (run, i) in found.Select((r, i) => (r, i)))
            {
                labels.TryAdd(run, found.Length == 1 ? row.Label : FormattableString.Invariant($"{row.Label} ({i + 1})"));
                rows.TryAdd(run, row.Label);
            }
        }
        StoredRun[] shown = [.. labels.Keys];
        var missing = item.Rows.Where(r => Runs(r, runs).IsEmpty).Select(r => r.Label).ToList();
        if (shown.Length > 0)
        {
            CurveSections.Legend(page, shown, rows);
            CurveSections.AxisChoice(page, item.Name);
            page.Raw("<div class=\"charts\">");
            foreach (
                var key in item.Scores.Length > 0 ? item.Scores
                : item.Costs.Length > 0 ? []
                : Comparison.Headlines(shown)
            )
                CurveSections.Validation(page, MetricCatalog.Of(key), shown, labels);
            foreach (var cost in item.Costs)
            {
                if (!CurveSections.Resource(page, cost, shown, labels))
                    missing.Add($"{RunCosts.Find(cost)!.Title}, which no run tells");
            }
            page.Raw("</div>");
        }
        page.Element(
            "p",
            item.Caption + (missing.Count > 0 ? $" (missing: {string.Join("; ", missing)})" : ""),
            "class=\"note\""
        );
    }
}
