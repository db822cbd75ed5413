using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>Mean and standard deviation of each channel, over all pixels that have a number.</summary>
sealed class ChannelMoments(int channels)
{
    readonly double[] sums = new double[channels],
        squares = new double[channels],
        counts = new double[channels];

    /// <summary>0 where no pixel has a number.</summary>
    public ImmutableArray<double> Mean => [.. sums.Select((s, c) => counts[c] > 0 ? s / counts[c] : 0)];

    /// <summary>1 where all numbers are the same, or there are none.</summary>
    public ImmutableArray<double> Deviation =>
        [
            .. squares.Select(
                (s, c) => counts[c] > 0 && s / counts[c] - Mean[c] * Mean[c] is > 0 and var variance ? Math.Sqrt(variance) : 1
            ),
        ];

    /// <param name="values">[N, C, H, W], NaN where there is no number.</param>
    public void Add(Tensor values)
    {
        using var scope = NewDisposeScope();
        var numbers = values.to(ScalarType.Float64);
        var known = numbers.nan_to_num(nan: 0);
        Into(counts, numbers.isnan().logical_not().to(ScalarType.Float64));
        Into(sums, known);
        Into(squares, known * known);
    }

    static void Into(double[] sums, Tensor values)
    {
        var added = values.sum([0, 2, 3]).data<double>().ToArray();
        for (var c = 0; c < sums.Length; c++)
            sums[c] += added[c];
    }
}
