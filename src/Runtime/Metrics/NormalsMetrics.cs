using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>
/// Angles between predicted and true normals over all labelled pixels (Fouhey et al. 2013): their mean, and the percentages below
/// 11.25, 22.5 and 30 degrees. Predictions are normalised first; the zero vector counts as 90 degrees off. </summary>
[Measures("mean_angle", "below_11.25", "below_22.5", "below_30")]
public sealed class NormalsMetrics : IMetricAccumulator
{
    static readonly double[] Bounds = [11.25, 22.5, 30];

    readonly long[] below = new long[Bounds.Length];
    double degrees;
    long pixels;

    /// <summary>Mean angle in degrees; NaN where nothing is labelled.</summary>
    public double MeanAngle => degrees / pixels;

    /// <summary>Percentages of labelled pixels below 11.25, 22.5 and 30 degrees.</summary>
    public IReadOnlyList<double> PercentBelow => [.. below.Select(count => 100.0 * count / pixels)];

    /// <param name="prediction">[N, 3, H, W], of any length.</param>
    /// <param name="label">[N, 3, H, W] unit vectors, NaN where unlabelled.</param>
    /// <exception cref="ArgumentException">The shapes differ or have not three channels.</exception>
    public void Add(Tensor prediction, Tensor label)
    {
        if (prediction.dim() != 4 || prediction.shape[1] != 3 || !prediction.shape.AsSpan().SequenceEqual(label.shape))
            throw new ArgumentException(
                $"normals [N, 3, H, W] are compared, but these are [{string.Join(", ", prediction.shape)}] and "
                    + $"[{string.Join(", ", label.shape)}]"
            );
        using var scope = NewDisposeScope();
        var p = prediction.to(ScalarType.Float64);
        var l = label.to(ScalarType.Float64);
        var product = (p.pow(Held(2)).sum(1) * l.pow(Held(2)).sum(1)).sqrt();
        var cosine = ((p * l).sum(1) / product.clamp(min: Held(1e-300))).clamp(Held(-1), Held(1));
        var unlabelled = l.sum(1).isnan();
        var angle = cosine.acos().rad2deg();
        pixels += unlabelled.logical_not().sum().item<long>();
        degrees += angle.masked_fill(unlabelled, Held(0)).sum().item<double>();
        // NaN is below nothing.
        for (var i = 0; i < Bounds.Length; i++)
            below[i] += angle.lt(Held(Bounds[i])).sum().item<long>();
    }

    /// <summary>Adds what another accumulator has seen.</summary>
    public void Merge(NormalsMetrics other)
    {
        degrees += other.degrees;
        pixels += other.pixels;
        for (var i = 0; i < below.Length; i++)
            below[i] += other.below[i];
    }

    /// <inheritdoc/>
    public bool HasLabels => pixels > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Results(string task)
    {
        var percent = PercentBelow;
        return
        [
            Metric.Of(task, "mean_angle", MeanAngle),
            Metric.Of(task, "below_11.25", percent[0]),
            Metric.Of(task, "below_22.5", percent[1]),
            Metric.Of(task, "below_30", percent[2]),
        ];
    }
}
