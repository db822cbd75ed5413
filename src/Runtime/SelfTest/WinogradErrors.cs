using System.Runtime.CompilerServices;
using Mtlc.Compiler.Ops;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// How far F(4x4, 3x3) may be off. It sums larger numbers than the direct convolution: the bound is the same algorithm on the
/// sizes of all numbers, those of its three matrices included, times the roundings of one chain from input and weight to result
/// (as Barabasz, Anderson, Soodhalter and Gregg, Error analysis and improving the accuracy of Winograd convolution, ACM TOMS 46,
/// 2020, section 4, but with the numbers at hand in place of norms). </summary>
static class WinogradErrors
{
    // Lavin and Gray, section 4.1, without signs.
    static readonly double[,] Input =
    {
        { 4, 0, 5, 0, 1, 0 },
        { 0, 4, 4, 1, 1, 0 },
        { 0, 4, 4, 1, 1, 0 },
        { 0, 2, 1, 2, 1, 0 },
        { 0, 2, 1, 2, 1, 0 },
        { 0, 4, 0, 5, 0, 1 },
    };

    static readonly double[,] Weight =
    {
        { 1 / 4.0, 0, 0 },
        { 1 / 6.0, 1 / 6.0, 1 / 6.0 },
        { 1 / 6.0, 1 / 6.0, 1 / 6.0 },
        { 1 / 24.0, 1 / 12.0, 1 / 6.0 },
        { 1 / 24.0, 1 / 12.0, 1 / 6.0 },
        { 0, 0, 1 },
    };

    static readonly double[,] Output =
    {
        { 1, 1, 1, 1, 1, 0 },
        { 0, 1, 1, 2, 2, 0 },
        { 0, 1, 1, 4, 4, 0 },
        { 0, 1, 1, 8, 8, 1 },
    };

    // Of the weights' transform 9 sums and 3 roundings of its numbers, 4 sums in each of the two steps of the others, bias and
    // sum.
    const int Beside = 12 + 8 + 8 + 2;

    public static double[] Of(Conv conv, MapSize size, float[] x, float[] weight, float[] bias, float[]? residual)
    {
        var errors = new double[size.Pictures * conv.Out * size.Height * size.Width];
        var share = Bounded.Gamma(size.Channels + Beside);
        var weights = Enumerable
            .Range(0, conv.Out * size.Channels)
            .Select(i => Twice(Weight, Square(3, (r, c) => Math.Abs(weight[9 * i + 3 * r + c]))))
            .ToArray();
        var (d, step) = (conv.Dilation, 4 * conv.Dilation);
        for (var picture = 0; picture < size.Pictures; picture++)
        {
            for (var top = 0; top < size.Height; top += top % step == d - 1 ? step - d + 1 : 1)
            {
                for (var left = 0; left < size.Width; left += left % step == d - 1 ? step - d + 1 : 1)
                    OfTile(picture, top, left);
            }
        }
        return errors;

        void OfTile(int picture, int top, int left)
        {
            var tiles = Enumerable
                .Range(0, size.Channels)
                .Select(channel =>
                    Twice(
                        Input,
                        Square(
                            6,
                            (r, c) =>
                            {
                                var (y, z) = (top + d * (r - 1), left + d * (c - 1));
                                return y >= 0 && y < size.Height && z >= 0 && z < size.Width
                                    ? Math.Abs(x[((picture * size.Channels + channel) * size.Height + y) * size.Width + z])
                                    : 0;
                            }
                        )
                    )
                )
                .ToArray();
            for (var k = 0; k < conv.Out; k++)
            {
                var sizes = Twice(Output, Sum(tiles, weights.AsSpan(k * size.Channels, size.Channels)));
                for (var (r, y) = (0, top); r < 4 && y < size.Height; (r, y) = (r + 1, y + d))
                {
                    for (var (c, z) = (0, left); c < 4 && z < size.Width; (c, z) = (c + 1, z + d))
                    {
                        var at = ((picture * conv.Out + k) * size.Height + y) * size.Width + z;
                        errors[at] = share * (sizes[r, c] + Math.Abs(bias[k]) + Math.Abs(residual?[at] ?? 0));
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static double[,] Sum(double[][,] tiles, ReadOnlySpan<double[,]> weights)
    {
        var sum = new double[6, 6];
        for (var channel = 0; channel < tiles.Length; channel++)
        {
            for (var r = 0; r < 6; r++)
            {
                for (var c = 0; c < 6; c++)
                    sum[r, c] += tiles[channel][r, c] * weights[channel][r, c];
            }
        }
        return sum;
    }

    static double[,] Square(int side, Func<int, int, double> value)
    {
        var square = new double[side, side];
        for (var r = 0; r < side; r++)
        {
            for (var c = 0; c < side; c++)
                square[r, c] = value(r, c);
        }
        return square;
    }

    // m a m^T
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static double[,] Twice(double[,] m, double[,] a)
    {
        var (rows, inner) = (m.GetLength(0), m.GetLength(1));
        var half = new double[rows, inner];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < inner; c++)
            {
                for (var i = 0; i < inner; i++)
                    half[r, c] += m[r, i] * a[i, c];
            }
        }
        var whole = new double[rows, rows];
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < rows; c++)
            {
                for (var i = 0; i < inner; i++)
                    whole[r, c] += half[r, i] * m[c, i];
            }
        }
        return whole;
    }
}
