using System.Collections.Immutable;
using System.Reflection;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>
/// The measures of Eigen et al. (2014) for depth, each over one image's labelled pixels, then the mean over the images that have
/// any. With d = ln prediction - ln label: SI-logRMSE = 100 sqrt(mean d^2 - (mean d)^2), log-RMSE = sqrt(mean d^2); rel = mean |p
/// - l| / l; delta k = percentage of pixels with max(p/l, l/p) &lt; 1.25^k. </summary>
[Measures("si_log_rmse", "log_rmse", "rmse", "mae", "rel", "delta1", "delta2", "delta3")]
public sealed class DepthMetrics : IMetricAccumulator
{
    static readonly ImmutableArray<string> Measures = typeof(DepthMetrics).GetCustomAttribute<MeasuresAttribute>()!.Keys;

    readonly double[] sums = new double[Measures.Length];

    /// <summary>Images so far that have a labelled pixel.</summary>
    public long Images { get; private set; }

    /// <summary>The mean over images of a measure, e.g. "si_log_rmse"; NaN before the first labelled image.</summary>
    public double this[string measure] => sums[Measures.IndexOf(measure)] / Images;

    /// <param name="prediction">[N, 1, H, W] metres, positive: clamped to the range of the data.</param>
    /// <param name="label">[N, 1, H, W] metres, NaN where unlabelled.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void Add(Tensor prediction, Tensor label)
    {
        using var scope = NewDisposeScope();
        foreach (var image in PerImage(prediction, label))
        {
            for (var i = 0; i < sums.Length; i++)
                sums[i] += image[i];
            Images++;
        }
    }

    /// <summary>Adds what another accumulator has seen.</summary>
    public void Merge(DepthMetrics other)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += other.sums[i];
        Images += other.Images;
    }

    /// <inheritdoc/>
    public bool HasLabels => Images > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Results(string task) => [.. Measures.Select((m, i) => Metric.Of(task, m, sums[i] / Images))];

    // One row for each image with labels, in the order of Measures.
    static IEnumerable<double[]> PerImage(Tensor prediction, Tensor label)
    {
        if (!prediction.shape.AsSpan().SequenceEqual(label.shape))
            throw new ArgumentException(
                $"predicted depth [{string.Join(", ", prediction.shape)}] and labels [{string.Join(", ", label.shape)}] "
                    + $"differ in shape"
            );
        var unlabelled = label.isnan().flatten(1);
        // Where nothing is labelled both become 1 m, which adds 0 to every sum of errors and is taken off the counts of delta.
        var p = prediction.flatten(1).to(ScalarType.Float64).masked_fill(unlabelled, Held(1));
        var l = label.flatten(1).to(ScalarType.Float64).masked_fill(unlabelled, Held(1));
        var missing = unlabelled.sum(1).to(ScalarType.Float64);
        var count = (-missing).Plus(label.shape[1..].Aggregate(1L, (a, b) => a * b));
        var log = p.log() - l.log();
        var error = (p - l).abs();
        var ratio = log.abs().exp();
        var meanLog = log.sum(1) / count;
        var meanSquare = log.pow(Held(2)).sum(1) / count;
        Tensor Below(double bound) => (ratio.lt(Held(bound)).sum(1) - missing) * Held(100) / count;
        var rows = stack(
                [
                    (meanSquare - meanLog.pow(Held(2))).clamp(min: Held(0)).sqrt() * Held(100),
                    meanSquare.sqrt(),
                    (error.pow(Held(2)).sum(1) / count).sqrt(),
                    error.sum(1) / count,
                    (error / l).sum(1) / count,
                    Below(1.25),
                    Below(1.25 * 1.25),
                    Below(1.25 * 1.25 * 1.25),
                    count,
                ],
                1
            )
            .cpu();
        var values = rows.data<double>().ToArray();
        return values.Chunk(Measures.Length + 1).Where(row => row[^1] > 0);
    }
}
