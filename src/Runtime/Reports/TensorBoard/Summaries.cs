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
    public static Summary.Types.Value Image(string tag, Picture picture, byte[] png) => new()
    {
        Tag = tag,
        Image = new() { Height = picture.Height, Width = picture.Width, Colorspace = 3, EncodedImageString = ByteString.CopyFrom(png) },
    };

    /// <summary>The finite values of a tensor of any shape and device.</summary>
    public static Summary.Types.Value Histogram(string tag, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = tensor.detach().to(ScalarType.Float32).cpu().contiguous();
        return new() { Tag = tag, Histo = Histogram(MemoryMarshal.Cast<byte, float>(values.bytes)) };
    }

    /// <returns>Counts of finite values in buckets of equal width from the least to the greatest; a limit belongs to the bucket above it, the last to its own.</returns>
    public static HistogramProto Histogram(ReadOnlySpan<float> values)
    {
        var (min, max, sum, squares, count) = (float.MaxValue, float.MinValue, 0.0, 0.0, 0L);
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                continue;
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
            sum += value;
            squares += (double)value * value;
            count++;
        }
        if (count == 0)
            return new();
        var buckets = min == max ? 1 : Buckets;
        var width = ((double)max - min) / buckets;
        var counts = new double[buckets];
        foreach (var value in values)
        {
            if (float.IsFinite(value))
                counts[min == max ? 0 : Math.Min(buckets - 1, (int)(((double)value - min) / width))]++;
        }
        var histogram = new HistogramProto { Min = min, Max = max, Num = count, Sum = sum, SumSquares = squares };
        histogram.Bucket.AddRange(counts);
        histogram.BucketLimit.AddRange(Enumerable.Range(1, buckets).Select(i => i == buckets ? max : min + i * width));
        return histogram;
    }
}
