using System.Runtime.InteropServices;
using Google.Protobuf;
using Mtlc.Runtime.Data.Images;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Reports.TensorBoard;

/// <summary>The values of summaries.</summary>
static class Summaries
{
    const int Buckets = 30; // what TensorBoard's own histogram operation makes, and its page draws

    public static Summary.Types.Value Scalar(string tag, double value) => new() { Tag = tag, SimpleValue = (float)value };

    /// <param name="png">An encoded RGB picture.</param>
    public static Summary.Types.Value Image(string tag, Picture picture, byte[] png) =>
        new()
        {
            Tag = tag,
            Image = new()
            {
                Height = picture.Height,
                Width = picture.Width,
                Colorspace = 3,
                EncodedImageString = ByteString.CopyFrom(png),
            },
        };

    /// <summary>The finite values of a tensor of any shape and device.</summary>
    public static Summary.Types.Value Histogram(string tag, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = tensor.detach().to(ScalarType.Float32).cpu().contiguous();
        return new() { Tag = tag, Histo = Histogram(MemoryMarshal.Cast<byte, float>(values.bytes)) };
    }

    /// <returns>Counts of finite values in buckets of equal width from the least to the greatest; a limit belongs to the bucket
    /// above it, the last to its own.</returns>
    public static HistogramProto Histogram(ReadOnlySpan<float> values)
    {
        var (min, max, sum, squares, finite) = (float.MaxValue, float.MinValue, 0.0, 0.0, 0);
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                continue;
            min = value < min ? value : min;
            max = value > max ? value : max;
            sum += value;
            squares += (double)value * value;
            finite++;
        }
        if (finite == 0)
            return new();
        if (finite < values.Length)
            return Histogram([.. values.ToArray().Where(float.IsFinite)]);
        var buckets = min == max ? 1 : Buckets;
        var width = ((double)max - min) / buckets;
        var histogram = new HistogramProto
        {
            Min = min,
            Max = max,
            Num = finite,
            Sum = sum,
            SumSquares = squares,
        };
        histogram.Bucket.AddRange(Counts(values, buckets, min, min == max ? 0 : 1 / width));
        histogram.BucketLimit.AddRange(Enumerable.Range(1, buckets).Select(i => i == buckets ? max : min + i * width));
        return histogram;
    }

    // Four sets of counters take turns, for increments of one counter in a row wait for each other.
    static double[] Counts(ReadOnlySpan<float> values, int buckets, double min, double scale)
    {
        const int sets = 4;
        Span<int> counts = new int[sets * (buckets + 1)]; // the greatest value falls into one more
        for (var i = 0; i < values.Length; i++)
            counts[i % sets * (buckets + 1) + (int)((values[i] - min) * scale)]++;
        var sums = new double[buckets];
        for (var i = 0; i < counts.Length; i++)
            sums[Math.Min(i % (buckets + 1), buckets - 1)] += counts[i];
        return sums;
    }
}
