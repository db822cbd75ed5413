using System.Collections.Immutable;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Evaluation;

/// <summary>A metric beside the score of the trivial predictor: the most frequent class, the mean depth.</summary>
public sealed record MetricRow(Metric Metric, double Trivial);

/// <summary>One evaluation.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Rows">Every metric of the labelled tasks, the headline of each task first.</param>
/// <param name="Score">What "best" is judged by: the multitask score, or the first labelled task's headline (higher is better
/// after its sign).</param>
/// <param name="IsBest">Whether no evaluation of the run scored higher; a score that is NaN is never the best.</param>
/// <param name="Images">Images evaluated.</param>
/// <param name="Picture">The file that shows fixed validation samples; null where there is none.</param>
public sealed record EvaluationReport(
    int Epoch,
    long Step,
    ImmutableArray<MetricRow> Rows,
    Metric Score,
    bool IsBest,
    int Images,
    TimeSpan Duration,
    string? Picture
)
{
    /// <summary>Why samples that could not be read were left out (`corrupt: skip`).</summary>
    public ImmutableArray<string> Corrupt { get; init; } = [];

    /// <summary>Tasks that have no score, for no pixel evaluated has a label of them.</summary>
    public ImmutableArray<string> Unlabelled { get; init; } = [];
}
