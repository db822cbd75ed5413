using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>
/// Precision, recall and F of contours up to a pixel tolerance, after the benchmark of Martin et al. (2004) with dilation in
/// place of its one-to-one matching. A pixel is a predicted edge where its probability reaches the threshold. A predicted edge is
/// right where a labelled edge lies within <c>tolerance</c> pixels, a labelled edge is found where a predicted one does; distance
/// is the larger of the row and column offsets (dilation by a square). Precision = right / predicted, recall = found / labelled,
/// F = their harmonic mean, over the pixels of all images at one threshold. Unlabelled pixels take no part: no edge, labelled or
/// predicted, lies on them. </summary>
[Measures("f", "precision", "recall")]
public sealed class ContourMetrics : IMetricAccumulator
{
    readonly int tolerance;
    readonly double threshold;
    long right,
        predicted,
        found,
        labelled,
        compared;

    public ContourMetrics(MetricContext context)
        : this(context.Recipe.ContourTolerance) { }

    /// <param name="tolerance">How many pixels an edge may be off; 0 compares pixel by pixel.</param>
    /// <param name="threshold">The probability from which a pixel is an edge.</param>
    public ContourMetrics(int tolerance = 2, double threshold = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tolerance);
        this.tolerance = tolerance;
        this.threshold = threshold;
    }

    /// <summary>Percentage of predicted edges that are right; NaN where none was predicted.</summary>
    public double Precision => 100.0 * right / predicted;

    /// <summary>Percentage of labelled edges that were found; NaN where none is labelled.</summary>
    public double Recall => 100.0 * found / labelled;

    /// <summary>Harmonic mean in percent; 0 where only one side has edges, NaN where neither has.</summary>
    public double F =>
        predicted == 0 && labelled == 0 ? double.NaN
        : right == 0 || found == 0 ? 0
        : 2 * Precision * Recall / (Precision + Recall);

    /// <param name="prediction">Probabilities [N, 1, H, W].</param>
    /// <param name="label">[N, 1, H, W]: 1, 0, or NaN where unlabelled.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void Add(Tensor prediction, Tensor label)
    {
        if (prediction.dim() != 4 || !prediction.shape.AsSpan().SequenceEqual(label.shape))
            throw new ArgumentException(
                $"contours [N, 1, H, W] are compared, but these are [{string.Join(", ", prediction.shape)}] and "
                    + $"[{string.Join(", ", label.shape)}]"
            );
        using var scope = NewDisposeScope();
        var edge = label.eq(Held(1));
        var guess = prediction.ge(Held(threshold)).logical_and_(label.isnan().logical_not());
        compared += Count(label.isnan().logical_not());
        predicted += Count(guess);
        labelled += Count(edge);
        right += Count(Dilate(edge).logical_and_(guess));
        found += Count(Dilate(guess).logical_and_(edge));
    }

    /// <summary>Adds what another accumulator of the same tolerance and threshold has seen.</summary>
    public void Merge(ContourMetrics other)
    {
        if (other.tolerance != tolerance || other.threshold != threshold)
            throw new ArgumentException("contour counts at different tolerances or thresholds cannot be added");
        compared += other.compared;
        right += other.right;
        predicted += other.predicted;
        found += other.found;
        labelled += other.labelled;
    }

    /// <inheritdoc/>
    public bool HasLabels => compared > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Results(string task) =>
        [Metric.Of(task, "f", F), Metric.Of(task, "precision", Precision), Metric.Of(task, "recall", Recall)];

    static long Count(Tensor mask) => mask.sum().item<long>();

    Tensor Dilate(Tensor mask)
    {
        var reach = 2L * tolerance + 1;
        var dilated = nn.functional.max_pool2d(mask.to(ScalarType.Float32), [reach, reach], [1, 1], [tolerance, tolerance]);
        return dilated.gt(Held(0));
    }
}
