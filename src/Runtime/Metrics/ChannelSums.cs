using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>The sum of each channel over all pixels that have a value.</summary>
public sealed class ChannelSums
{
    double[] sums = [],
        counts = [];

    /// <summary>Of the vector of sums; 0 before any value.</summary>
    public double Length => Math.Sqrt(sums.Sum(n => n * n));

    /// <summary>The vector of sums at length 1.</summary>
    public ImmutableArray<double> Direction
    {
        get
        {
            var length = Length;
            return [.. sums.Select(n => n / length)];
        }
    }

    /// <summary>The mean of each channel; NaN before any value.</summary>
    public ImmutableArray<double> Mean => [.. sums.Zip(counts, (sum, count) => sum / count)];

    /// <param name="values">[N, C, H, W], NaN where there is none.</param>
    public void Add(Tensor values)
    {
        using var scope = NewDisposeScope();
        var exact = values.to(ScalarType.Float64);
        Accumulate(ref sums, exact.nan_to_num(0).sum([0, 2, 3]));
        Accumulate(ref counts, exact.isnan().logical_not().to(ScalarType.Float64).sum([0, 2, 3]));
    }

    static void Accumulate(ref double[] into, Tensor added)
    {
        var values = added.cpu().data<double>().ToArray();
        into = into.Length == 0 ? values : [.. into.Zip(values, (a, b) => a + b)];
    }
}
