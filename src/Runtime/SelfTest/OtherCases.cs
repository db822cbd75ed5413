using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.SelfTest;

/// <summary>Matrix products and bilinear resizing, which is one: of the maps by a matrix of weights on each side.</summary>
static class OtherCases
{
    public static void Products(TestBench bench)
    {
        foreach (var (rows, inner, columns) in ((int, int, int)[])[(1, 1, 3), (19, 33, 40), (5, 256, 19), (65, 300, 33)])
        {
            using var scope = NewDisposeScope();
            var (a, b) = (bench.Numbers(rows * inner), bench.Numbers(inner * columns));
            var right = Bounded.Product(Bounded.Exact(rows, inner, a), Bounded.Exact(inner, columns, b), bench.OfProducts);
            var (left, plain) = (bench.On(a, rows, inner), bench.On(b, inner, columns));
            var size = FormattableString.Invariant($"{rows}x{inner} by {inner}x{columns}");
            bench.Add("matrix product", size, left.mm(plain), right);
            bench.Add("matrix product", $"{size}, transposed", left.matmul(plain.t().contiguous().t()), right);
        }
    }

    public static void Resizing(TestBench bench)
    {
        foreach (
            var (height, width, toHeight, toWidth) in ((int, int, int, int)[])
                [(5, 7, 10, 14), (5, 7, 13, 17), (8, 12, 3, 5), (4, 6, 16, 24)]
        )
        {
            var size = new MapSize(1, 3, height, width);
            var to = new MapSize(1, 3, toHeight, toWidth);
            var (x, gradient) = (bench.Numbers(size.Count), bench.Numbers(to.Count));
            var (down, across) = (Interpolation(height, toHeight), Interpolation(width, toWidth));
            foreach (var last in (bool[])[false, true])
            {
                using var scope = NewDisposeScope();
                var input = Laid(bench.On(x, size.Shape)).requires_grad_();
                var y = F.interpolate(input, [toHeight, toWidth], mode: InterpolationMode.Bilinear, align_corners: false);
                var back = autograd.grad([y], [input], [Laid(bench.On(gradient, to.Shape))])[0];
                var name = FormattableString.Invariant(
                    $"{height}x{width} to {toHeight}x{toWidth}, channels {(last ? "last" : "first")}"
                );
                Add("resizing", name, y, ByChannel(size, x, down, across.Transposed()));
                Add("gradient of resizing", name, back, ByChannel(to, gradient, down.Transposed(), across));

                Tensor Laid(Tensor tensor) => last ? ChannelsLast.Of(tensor) : tensor;
            }
        }

        void Add(string kind, string name, Tensor answer, List<Bounded> right) =>
            bench.Add(kind, name, answer, [.. right.SelectMany(r => r.Values)], [.. right.SelectMany(r => r.Errors)]);
    }

    /// <summary>Our own resizing of a 3x3 convolution's nine maps, each shifted by its tap.</summary>
    public static void ShiftedResizes(TestBench bench)
    {
        var (size, taps, scale, channels) = (new MapSize(1, 27, 5, 7), 3, 4, 3);
        var (height, width, area) = (size.Height * scale, size.Width * scale, size.Height * size.Width);
        var z = bench.Numbers(size.Count);
        var (down, across) = (Interpolation(size.Height, height), Interpolation(size.Width, width));
        var (values, errors) = (new double[channels * height * width], new double[channels * height * width]);
        for (var map = 0; map < size.Channels; map++)
        {
            var (tap, channel) = (map / channels, map % channels);
            var values2 = Bounded.Exact(size.Height, size.Width, z.AsSpan(map * area, area));
            var large = Bounded.Product(
                Bounded.Product(down, values2, bench.OfProducts, taps * taps * 2),
                across.Transposed(),
                bench.OfProducts,
                taps * taps * 2
            );
            for (var at = 0; at < height * width; at++)
            {
                // The position that the tap reads; nothing beyond the border.
                var (y, x) = (at / width + tap / taps - 1, at % width + tap % taps - 1);
                if (y < 0 || y >= height || x < 0 || x >= width)
                    continue;
                values[channel * height * width + at] += large[y, x];
                errors[channel * height * width + at] += large.Errors[y * width + x];
            }
        }
        using var scope = NewDisposeScope();
        foreach (var last in (bool[])[false, true])
        {
            var input = bench.On(z, size.Shape);
            var answer = ShiftedResizing.Run(
                new ShiftedResize(taps, 1, scale, false),
                last ? ChannelsLast.Of(input) : input,
                height,
                width,
                null
            );
            bench.Add(
                "shifted resizing",
                $"3x3 taps, scale {scale}, channels {(last ? "last" : "first")}",
                answer,
                values,
                errors
            );
        }
    }

    static List<Bounded> ByChannel(MapSize size, float[] x, Bounded left, Bounded right) =>
        [
            .. Enumerable
                .Range(0, size.Pictures * size.Channels)
                .Select(c =>
                {
                    var area = size.Height * size.Width;
                    return Bounded.Product(
                        Bounded.Product(
                            left,
                            Bounded.Exact(size.Height, size.Width, x.AsSpan(c * area, area)),
                            Arithmetic.Float32
                        ),
                        right,
                        Arithmetic.Float32
                    );
                }),
        ];

    /// <summary>[to, from]: bilinear weights, align_corners=False. A position is rounded thrice, which moves it by so many units
    /// of the size.</summary>
    static Bounded Interpolation(int from, int to)
    {
        var (values, errors) = (new double[to * from], new double[to * from]);
        for (var target = 0; target < to; target++)
        {
            var position = Math.Clamp((target + 0.5) * from / to - 0.5, 0, from - 1);
            for (var i = 0; i < from; i++)
            {
                var distance = Math.Abs(i - position);
                values[target * from + i] = Math.Max(0, 1 - distance);
                errors[target * from + i] = distance <= 1 ? Bounded.Gamma(4 * (from + 1)) : 0;
            }
        }
        return new(to, from, values, errors);
    }
}
