using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>Where in the scene depth fails: mean absolute and relative error over all labelled pixels of a band of true
/// distance.</summary>
[Measures("mae/*", "rel/*", "pixels/*")]
public sealed class DepthByDistance : IMetricAccumulator
{
    readonly ImmutableArray<double> edges;
    readonly double[] absolute,
        relative;
    readonly long[] pixels;

    /// <summary>The bands that runs store: finer where a street has most of its pixels.</summary>
    public static readonly ImmutableArray<double> Street = [5, 10, 15, 20, 30, 40, 60, 80];

    public DepthByDistance()
        : this(Street) { }

    /// <param name="edges">Ascending borders in metres: {10, 20} makes the bands "0-10m" = [0, 10), "10-20m" and "20m+" = [20,
    /// inf).</param>
    /// <exception cref="ArgumentException">The borders do not ascend.</exception>
    public DepthByDistance(ImmutableArray<double> edges)
    {
        if (edges.Zip(edges.Skip(1)).Any(pair => !(pair.First < pair.Second)))
            throw new ArgumentException(
                $"the borders of distance bands must ascend, but they are {string.Join(", ", edges.Select(Text))}"
            );
        this.edges = edges;
        (absolute, relative, pixels) = (new double[edges.Length + 1], new double[edges.Length + 1], new long[edges.Length + 1]);
    }

    /// <inheritdoc cref="DepthMetrics.Add"/>
    public void Add(Tensor prediction, Tensor label)
    {
        using var scope = NewDisposeScope();
        var bins = edges.Length + 1;
        var unlabelled = label.isnan().flatten();
        var l = label.flatten().to(ScalarType.Float64).masked_fill(unlabelled, Held(1));
        var error = (prediction.flatten().to(ScalarType.Float64) - l).abs().masked_fill(unlabelled, Held(0));
        // searchsorted(right) counts the borders <= distance, which is the band's index; the unlabelled go to a band behind.
        var borders = tensor(edges.ToArray(), ScalarType.Float64, label.device);
        var band = l.bucketize(borders, right: true).masked_fill(unlabelled, Held(bins));
        Accumulate(absolute, bincount(band, error, bins + 1));
        Accumulate(relative, bincount(band, error / l, bins + 1));
        var counts = bincount(band, minlength: bins + 1).cpu().data<long>();
        for (var i = 0; i < bins; i++)
            pixels[i] += counts[i];
    }

    /// <summary>Adds what another accumulator of the same bands has seen.</summary>
    public void Merge(DepthByDistance other)
    {
        if (!edges.AsSpan().SequenceEqual(other.edges.AsSpan()))
            throw new ArgumentException("errors over different distance bands cannot be added");
        for (var i = 0; i < pixels.Length; i++)
        {
            absolute[i] += other.absolute[i];
            relative[i] += other.relative[i];
            pixels[i] += other.pixels[i];
        }
    }

    /// <inheritdoc/>
    public bool HasLabels => pixels.Any(count => count > 0);

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Results(string task) =>
        [
            .. pixels.Select((count, i) => Metric.Of(task, "mae", Band(i), absolute[i] / count)),
            .. pixels.Select((count, i) => Metric.Of(task, "rel", Band(i), relative[i] / count)),
            .. pixels.Select((count, i) => Metric.Of(task, "pixels", Band(i), count)),
        ];

    string Band(int i) =>
        i == edges.Length ? $"{Text(edges[i - 1])}m+" : $"{(i == 0 ? "0" : Text(edges[i - 1]))}-{Text(edges[i])}m";

    static string Text(double edge) => edge.ToString(CultureInfo.InvariantCulture);

    static void Accumulate(double[] into, Tensor added)
    {
        var values = added.cpu().data<double>();
        for (var i = 0; i < into.Length; i++)
            into[i] += values[i];
    }
}
