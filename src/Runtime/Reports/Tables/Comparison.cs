using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.Tables;

/// <summary>A score of a row: the mean over its runs.</summary>
/// <param name="Deviation">Sample standard deviation over the row's runs; NaN for one run.</param>
/// <param name="Difference">From the baseline; NaN where there is none.</param>
/// <param name="Noise">Standard deviation that the difference would have if nothing but the seed differed; NaN where no recipe
/// was repeated.</param>
public readonly record struct ScoreCell(double Mean, double Deviation, double Difference, double Noise, bool IsBest)
{
    /// <summary>Whether the difference is beyond twice its noise; null where the noise is not known.</summary>
    public bool? IsDistinguishable => double.IsNaN(Noise) || double.IsNaN(Difference) ? null : Math.Abs(Difference) > 2 * Noise;
}

/// <summary>A recipe: one run, or several that differ in the seed alone.</summary>
/// <param name="RelativeChange">Δm: the mean over the tasks' headline metrics of the change against the baseline in percent,
/// positive for better; NaN for none.</param>
public sealed record ComparisonRow(
    string Label,
    ImmutableArray<StoredRun> Runs,
    ImmutableArray<ScoreCell> Cells,
    double RelativeChange
);

/// <summary>Scores of several recipes side by side, as in the report's tables.</summary>
/// <param name="Baseline">The row that differences refer to; -1 for none.</param>
public sealed record Comparison(ImmutableArray<MetricMeaning> Columns, ImmutableArray<ComparisonRow> Rows, int Baseline)
{
    /// <param name="baseline">The run that the others are compared with.</param>
    /// <param name="columns">Keys of metrics; null takes the multitask score and each task's headline.</param>
    public static Comparison Of(IReadOnlyList<StoredRun> runs, StoredRun? baseline = null, IEnumerable<string>? columns = null)
    {
        var labels = RunLabels.Of(runs, withSeed: false);
        var rows = runs.GroupBy(r => r.Recipe).Select(g => (labels[g.First()], g.ToImmutableArray())).ToList();
        return Of(rows, rows.FindIndex(r => baseline is not null && r.Item2.Contains(baseline)), columns ?? Headlines(runs));
    }

    /// <param name="rows">Each with the runs of its recipe: none where it was not run.</param>
    /// <param name="reference">The row that differences refer to; -1 for none.</param>
    public static Comparison Of(
        IReadOnlyList<(string Label, ImmutableArray<StoredRun> Runs)> rows,
        int reference,
        IEnumerable<string> columns
    )
    {
        var keys = columns.ToImmutableArray();
        var groups = rows.Select(r => r.Runs).ToList();
        var means = groups.Select(g => keys.Select(k => Mean(Scores(g, k))).ToArray()).ToList();
        var cells = keys.Select((key, k) => Cells(MetricCatalog.Of(key).Direction, key, groups, reference)).ToList();
        return new(
            [.. keys.Select(MetricCatalog.Of)],
            [.. groups.Select((g, i) => new ComparisonRow(rows[i].Label, g, [.. cells.Select(c => c[i])], RelativeChange(i)))],
            reference
        );

        // Maninis et al. 2019: over the tasks, not over the metrics.
        double RelativeChange(int row)
        {
            if (reference < 0 || row == reference)
                return double.NaN;
            var tasks = keys.Select((k, i) => (Meaning: MetricCatalog.Of(k), i))
                .Where(c => c.Meaning.Task.Length > 0 && c.Meaning.Direction != MetricDirection.None)
                .GroupBy(c => c.Meaning.Task)
                .Select(g => g.First());
            var changes = tasks.Select(t =>
                (t.Meaning.Direction == MetricDirection.Lower ? -100 : 100)
                * (means[row][t.i] - means[reference][t.i])
                / means[reference][t.i]
            );
            return changes.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        }
    }

    /// <summary>The multitask score where it is defined, then the first metric of each task.</summary>
    public static IEnumerable<string> Headlines(IReadOnlyList<StoredRun> runs) =>
        runs.SelectMany(r => r.Keys)
            .Distinct()
            .Select(MetricCatalog.Of)
            .GroupBy(m => m.Task)
            .Select(g => g.First())
            .OrderBy(m => m.Task.Length > 0)
            .Select(m => m.Key);

    /// <summary>Every metric that is good or bad and has no detail.</summary>
    public static IEnumerable<string> AllScores(IReadOnlyList<StoredRun> runs) =>
        runs.SelectMany(r => r.Keys)
            .Distinct()
            .Select(MetricCatalog.Of)
            .Where(m => m.Detail.Length == 0 && m.Direction != MetricDirection.None)
            .OrderBy(m => m.Task.Length > 0)
            .Select(m => m.Key);

    static ScoreCell[] Cells(MetricDirection direction, string key, List<ImmutableArray<StoredRun>> groups, int reference)
    {
        var scores = groups.Select(g => Scores(g, key)).ToList();
        var means = scores.Select(Mean).ToArray();
        var freedom = scores.Sum(s => Math.Max(0, s.Length - 1));
        var pooled = Math.Sqrt(scores.Where(s => s.Length > 1).Sum(s => (s.Length - 1) * Math.Pow(Deviation(s), 2)) / freedom);
        var finite = means.Where(double.IsFinite).DefaultIfEmpty(double.NaN);
        var best = direction switch
        {
            MetricDirection.Higher => finite.Max(),
            MetricDirection.Lower => finite.Min(),
            _ => double.NaN,
        };
        return
        [
            .. means.Select(
                (mean, i) =>
                    new ScoreCell(
                        mean,
                        Deviation(scores[i]),
                        reference < 0 || i == reference ? double.NaN : mean - means[reference],
                        reference < 0 || i == reference || double.IsNaN(mean - means[reference])
                            ? double.NaN
                            : pooled * Math.Sqrt(1.0 / scores[i].Length + 1.0 / scores[reference].Length),
                        mean == best && finite.Distinct().Count() > 1
                    )
            ),
        ];
    }

    static double[] Scores(ImmutableArray<StoredRun> runs, string key) =>
        [.. runs.Select(r => r.Score(key)).Where(s => !double.IsNaN(s))];

    static double Mean(double[] values) => values.Length == 0 ? double.NaN : values.Average();

    static double Deviation(double[] values)
    {
        if (values.Length < 2)
            return double.NaN;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }
}
