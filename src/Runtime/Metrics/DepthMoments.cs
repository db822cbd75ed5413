using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>
/// Mean and deviation of labelled depth in a unit, and its range in metres: one pass, each batch in two (Chan, Golub and LeVeque
/// 1983), so that a million images lose no digits. </summary>
/// <param name="unit">The unit of mean and deviation.</param>
public sealed class DepthMoments(DepthUnit unit)
{
    double mean,
        squares,
        minimum = double.PositiveInfinity,
        maximum = double.NegativeInfinity;

    /// <summary>Labelled pixels so far.</summary>
    public long Count { get; private set; }

    /// <summary>Mean and (population) deviation in the unit, minimum and maximum in metres; NaN and an empty range before any
    /// label.</summary>
    public DepthStatistics Statistics => new(Count == 0 ? double.NaN : mean, Math.Sqrt(squares / Count), minimum, maximum);

    /// <param name="metres">Depth of any shape in metres, NaN where unlabelled.</param>
    public void Add(Tensor metres)
    {
        using var host = metres.to(ScalarType.Float32).cpu().contiguous();
        Add(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(host.bytes));
    }

    /// <inheritdoc cref="Add(Tensor)"/>
    public void Add(ReadOnlySpan<float> metres)
    {
        var count = 0L;
        var sum = 0.0;
        foreach (var value in metres)
        {
            if (float.IsNaN(value))
                continue;
            count++;
            sum += InUnit(value);
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }
        if (count == 0)
            return;
        var (batchMean, batchSquares) = (sum / count, 0.0);
        foreach (var value in metres)
        {
            if (float.IsNaN(value))
                continue;
            var deviation = InUnit(value) - batchMean;
            batchSquares += deviation * deviation;
        }
        Combine(count, batchMean, batchSquares);
    }

    /// <summary>Adds what another accumulator of the same unit has seen.</summary>
    public void Merge(DepthMoments other)
    {
        if (other.Count == 0)
            return;
        Combine(other.Count, other.mean, other.squares);
        minimum = Math.Min(minimum, other.minimum);
        maximum = Math.Max(maximum, other.maximum);
    }

    void Combine(long count, double otherMean, double otherSquares)
    {
        var total = Count + count;
        var difference = otherMean - mean;
        mean += difference * count / total;
        squares += otherSquares + difference * difference * Count * count / total;
        Count = total;
    }

    double InUnit(double metres) =>
        unit switch
        {
            DepthUnit.Log => Math.Log(metres),
            DepthUnit.Inverse => 1 / metres,
            _ => metres,
        };
}
