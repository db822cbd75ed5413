using Mtlc.Compiler.Targets.LibTorch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Runs <see cref="ShiftedResize"/> as two matrix products, in whichever order suits the layout of its
/// operand.</summary>
static class ShiftedResizing
{
    /// <param name="z">[N, K*K*C, h, w]: the maps of the taps, row by row.</param>
    /// <returns>[N, C, height, width]</returns>
    public static Tensor Run(ShiftedResize op, Tensor z, long height, long width, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var (shape, k) = (z.shape, op.Kernel);
        var (n, c, h, w) = (shape[0], shape[1] / (k * k), shape[2], shape[3]);
        using var rows = Interpolation(k, op.Dilation, h, height, inner: false, z);
        Tensor y;
        if (z.stride(1) == 1 && !z.is_contiguous())
        {
            // Channels last: rows first, then columns over whole pixels.
            using var columns = Interpolation(k, op.Dilation, w, width, inner: true, z);
            var byRow = z.permute(0, 2, 3, 1).view(n, h, w, k, k, c).permute(0, 3, 1, 2, 4, 5).reshape(n, k * h, w * k * c);
            var high = rows.matmul(byRow).view(n * height, w * k, c);
            y = columns.matmul(high).view(n, height, width, c);
            y = (bias is null ? y : y.PlusInPlace(bias)).permute(0, 3, 1, 2);
        }
        else
        {
            using var columns = Interpolation(k, op.Dilation, w, width, inner: false, z);
            var byColumn = z.reshape(n, k, k, c, h, w).permute(0, 3, 1, 4, 2, 5).reshape(n * c * k * h, k * w);
            var wide = byColumn.mm(columns.t()).view(n * c, k * h, width);
            y = rows.matmul(wide).view(n, c, height, width);
            if (bias is not null)
                y = y.Plus(bias.view(1, c, 1, 1));
        }
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// [to, K * from]: for each output position and tap the weights of bilinear interpolation (align_corners=False) at the
    /// position that the tap reads; nothing beyond the border. Taps are the outer part of the second dimension, or the inner one.
    /// </summary>
    static Tensor Interpolation(int taps, int dilation, long from, long to, bool inner, Tensor like)
    {
        var matrix = new float[to * taps * from];
        for (var target = 0; target < to; target++)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                var position = target + (tap - taps / 2) * dilation;
                if (position < 0 || position >= to)
                    continue;
                var source = Math.Max(0, (position + 0.5) * from / to - 0.5);
                var first = (long)source;
                var second = Math.Min(first + 1, from - 1);
                var fraction = (float)(source - first);
                matrix[Index(first)] += 1 - fraction;
                matrix[Index(second)] += fraction;

                long Index(long i) => target * taps * from + (inner ? i * taps + tap : tap * from + i);
            }
        }
        return tensor(matrix, [to, taps * from], dtype: like.dtype, device: like.device);
    }
}
