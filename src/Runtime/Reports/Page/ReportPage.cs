using System.Collections.Immutable;
using System.Text;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>One self-contained page about several runs: no network, no server, the same bytes for the same runs.</summary>
public static class ReportPage
{
    const int MostDrawn = 24;

    static readonly Lazy<string> Style = new(() => Resource("report.css"));
    static readonly Lazy<string> Script = new(() => Resource("report.js"));

    /// <param name="baseline">The run that differences refer to; null for none.</param>
    public static string Write(string title, IReadOnlyList<StoredRun> runs, StoredRun? baseline = null)
    {
        var labels = RunLabels.Of(runs);
        var drawn = Drawn(runs, baseline);
        (string Id, string Title, string Content)[] sections =
        [
            ("scores", "Scores", ScoreSections.Scores(runs, baseline)),
            ("curves", "Curves", CurveSections.Curves(drawn, labels)),
            ("cost", "Cost", CurveSections.Cost(runs, drawn, labels)),
            ("classes", "Classes", ScoreSections.Classes(drawn)),
            ("distance", "Depth over distance", DistanceSection.Write(drawn, labels)),
            ("confusion", "Confusion", ScoreSections.Confusion(drawn, labels)),
            ("samples", "Samples", SampleSection.Write(drawn, labels)),
            ("networks", "Networks", NetworkSection.Write(runs)),
            ("recipes", "Recipes", RecipeSection.Settings(runs, labels)),
            ("repeat", "How to repeat", RecipeSection.Repeat(runs, labels)),
        ];
        var shown = sections.Where(s => s.Content.Length > 0).ToImmutableArray();
        var content = new Html();
        foreach (var section in shown)
            content
                .Raw($"<section id=\"{section.Id}\" aria-labelledby=\"h-{section.Id}\">")
                .Element("h2", section.Title, $"id=\"h-{section.Id}\"")
                .Raw(section.Content)
                .Raw("</section>");
        return Frame(
            title,
            Summary(runs)
                + (
                    drawn.Count < runs.Count
                        ? FormattableString.Invariant(
                            $" Curves, classes and pictures show the {drawn.Count} best by the first score; the tables show all."
                        )
                        : ""
                ),
            [.. shown.Select(s => (s.Id, s.Title))],
            content.ToString()
        );
    }

    /// <summary>All runs, or so many of the best that a page of hundreds stays quick and can be read.</summary>
    static IReadOnlyList<StoredRun> Drawn(IReadOnlyList<StoredRun> runs, StoredRun? baseline)
    {
        if (runs.Count <= MostDrawn)
            return runs;
        var score = MetricCatalog.Of(Comparison.Headlines(runs).FirstOrDefault() ?? "");
        var sign = score.Direction == MetricDirection.Lower ? -1 : 1;
        var best = runs.OrderByDescending(r => r == baseline)
            .ThenByDescending(r => sign * r.Score(score.Key))
            .Take(MostDrawn)
            .ToHashSet();
        return [.. runs.Where(best.Contains)];
    }

    /// <summary>A whole page around sections.</summary>
    internal static string Frame(string title, string summary, IReadOnlyList<(string Id, string Title)> sections, string content)
    {
        var links = string.Concat(sections.Select(s => $"<a href=\"#{s.Id}\">{Html.Escape(s.Title)}</a>"));
        return $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
            <title>{Html.Escape(title)}</title>
            <style>
            {Style.Value}</style></head><body>
            <a class="jump" href="#{(sections.Count > 0 ? sections[0].Id : "")}">Skip to the content</a><header>
            <h1>{Html.Escape(title)}</h1>
            <p>{Html.Escape(summary)}</p>
            <nav aria-label="Sections">{links}</nav></header><main>
            {content}
            </main><script>
            {Script.Value}</script></body></html>

            """;
    }

    static string Summary(IReadOnlyList<StoredRun> runs)
    {
        var recipes = runs.Select(r => r.Recipe).Distinct().Count();
        var early = runs.Count(r => r.Status == RunStatus.StoppedEarly);
        var unfinished = runs.Count(r => r.Status != RunStatus.Finished) - early;
        return $"{Count(runs.Count, "run")} of {Count(recipes, "recipe")}."
            + (early == 0 ? "" : $" Stopped early: {early}.")
            + (unfinished == 0 ? "" : $" Not finished: {unfinished}.");
    }

    internal static string Count(int count, string what) =>
        FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
