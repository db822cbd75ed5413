using Mtlc.Compiler.Ops;

namespace Mtlc.Runtime.SelfTest;

/// <summary>Sizes of a convolution's input [N, C, H, W].</summary>
readonly record struct MapSize(int Pictures, int Channels, int Height, int Width)
{
    public int Count => Pictures * Channels * Height * Width;

    public int Pixels => Pictures * Height * Width;

    public long[] Shape => [Pictures, Channels, Height, Width];
}

/// <summary>A convolution and its gradients as products of matrices, in double precision.</summary>
sealed class ConvolutionReference
{
    readonly Conv conv;
    readonly MapSize input;
    readonly int channels,
        results; // of a group
    readonly Bounded[] columns; // of each group: [channels * k * k, pixels of the result]

    /// <param name="x">[N, C, H, W]</param>
    public ConvolutionReference(Conv conv, MapSize input, float[] x)
    {
        (this.conv, this.input) = (conv, input);
        (channels, results) = (input.Channels / conv.Groups, conv.Out / conv.Groups);
        var (padding, reach) = (conv.Margin, conv.Dilation * (conv.Kernel - 1));
        Result = new(input.Pictures, conv.Out, Side(input.Height), Side(input.Width));
        columns = [.. Enumerable.Range(0, conv.Groups).Select(g => Bounded.Exact(channels * Taps, Result.Pixels, Gather(g, x)))];

        int Side(int size) => (size + 2 * padding - reach - 1) / conv.Stride + 1;
    }

    public MapSize Result { get; }

    int Taps => conv.Kernel * conv.Kernel;

    /// <param name="weight">[K, C, k, k]</param>
    /// <returns>[N, K, H', W']</returns>
    public (double[] Values, double[] Errors) Forward(
        float[] weight,
        float[]? bias,
        float[]? residual,
        bool relu,
        Arithmetic arithmetic
    )
    {
        var (values, errors) = (new double[Result.Count], new double[Result.Count]);
        for (var g = 0; g < conv.Groups; g++)
        {
            var product = Bounded.Product(WeightOf(g, weight), columns[g], arithmetic, more: 2);
            for (var k = 0; k < results; k++)
            {
                for (var p = 0; p < Result.Pixels; p++)
                {
                    var at = At(g * results + k, p);
                    var (b, r) = (bias?[g * results + k] ?? 0, residual?[at] ?? 0);
                    var value = product[k, p] + b + r;
                    values[at] = relu ? Math.Max(0, value) : value;
                    errors[at] =
                        product.Errors[k * Result.Pixels + p] + Bounded.Gamma(channels * Taps + 2) * (Math.Abs(b) + Math.Abs(r));
                }
            }
        }
        return (values, errors);
    }

    /// <param name="gradient">Of the result.</param>
    /// <returns>[K, C, k, k]</returns>
    public (double[] Values, double[] Errors) OfWeight(float[] gradient, Arithmetic arithmetic)
    {
        var products = columns.Select((c, g) => Bounded.Product(GradientOf(g, gradient), c.Transposed(), arithmetic)).ToList();
        return ([.. products.SelectMany(p => p.Values)], [.. products.SelectMany(p => p.Errors)]);
    }

    /// <returns>[N, C, H, W]</returns>
    public (double[] Values, double[] Errors) OfInput(float[] weight, float[] gradient, Arithmetic arithmetic)
    {
        var (values, errors) = (new double[input.Count], new double[input.Count]);
        for (var g = 0; g < conv.Groups; g++)
        {
            // Each number is a sum over results and taps.
            var product = Bounded.Product(
                WeightOf(g, weight).Transposed(),
                GradientOf(g, gradient),
                arithmetic,
                more: results * (Taps - 1)
            );
            Scan(
                g,
                (row, pixel, at) =>
                {
                    values[at] += product[row, pixel];
                    errors[at] += product.Errors[row * Result.Pixels + pixel];
                }
            );
        }
        return (values, errors);
    }

    Bounded WeightOf(int group, float[] weight)
    {
        var size = results * channels * Taps;
        return Bounded.Exact(results, channels * Taps, weight.AsSpan(group * size, size));
    }

    Bounded GradientOf(int group, float[] gradient)
    {
        var values = new float[results * Result.Pixels];
        for (var i = 0; i < values.Length; i++)
            values[i] = gradient[At(group * results + i / Result.Pixels, i % Result.Pixels)];
        return Bounded.Exact(results, Result.Pixels, values);
    }

    float[] Gather(int group, float[] x)
    {
        var values = new float[channels * Taps * Result.Pixels];
        Scan(group, (row, pixel, at) => values[row * Result.Pixels + pixel] = x[at]);
        return values;
    }

    // Where a pixel of a channel of the result lies.
    int At(int channel, int pixel)
    {
        var area = Result.Height * Result.Width;
        return (pixel / area * conv.Out + channel) * area + pixel % area;
    }

    // Of all channels and taps (rows), and all pixels of the result, those that read a number of the input, and which one.
    void Scan(int group, Action<int, int, int> visit)
    {
        var padding = conv.Margin;
        for (var row = 0; row < channels * Taps; row++)
        {
            var (channel, tap) = (group * channels + row / Taps, row % Taps);
            for (var pixel = 0; pixel < Result.Pixels; pixel++)
            {
                var (picture, place) = Math.DivRem(pixel, Result.Height * Result.Width);
                var y = place / Result.Width * conv.Stride - padding + tap / conv.Kernel * conv.Dilation;
                var x = place % Result.Width * conv.Stride - padding + tap % conv.Kernel * conv.Dilation;
                if (y >= 0 && y < input.Height && x >= 0 && x < input.Width)
                    visit(row, pixel, ((picture * input.Channels + channel) * input.Height + y) * input.Width + x);
            }
        }
    }
}
