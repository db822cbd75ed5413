using Mtlc.Compiler.Ops;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.Torch;

/// <summary>Runs <see cref="WindowAttend"/> and what belongs to it.</summary>
static class WindowAttention
{
    /// <param name="q">[N, C, H, W], H and W multiples of the window.</param>
    /// <param name="bias">[1 or N, heads, positions, positions]</param>
    public static Tensor Run(WindowAttend op, Tensor q, Tensor k, Tensor v, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var (batch, height, width, side) = (q.shape[0], q.shape[2], q.shape[3], (long)op.Window);
        var (down, across) = (side >= height ? 0 : op.Shift, side >= width ? 0 : op.Shift);
        var (rows, columns, positions) = (height / side, width / side, side * side);
        var channels = v.shape[1];

        var scale = op.Scale == 0 ? 1 / Math.Sqrt(q.shape[1] / (double)op.Heads) : op.Scale;
        var scores = (Windows(q) * Held(scale)).matmul(Windows(k).transpose(3, 4)).Plus(bias.unsqueeze(1));
        if ((down, across) != (0, 0))
            scores = scores.Plus(Mask(op, (int)height, (int)width, scores));
        var seen = F.softmax(scores, -1).to(v.dtype).matmul(Windows(v));
        var map = seen.view(batch, rows, columns, op.Heads, side, side, channels / op.Heads)
            .permute(0, 1, 4, 2, 5, 3, 6)
            .reshape(batch, height, width, channels);
        if ((down, across) != (0, 0))
            map = map.roll([down, across], [1, 2]);
        return map.permute(0, 3, 1, 2).MoveToOuterDisposeScope();

        // [N, windows, heads, positions, channels of a head]
        Tensor Windows(Tensor x)
        {
            var last = x.permute(0, 2, 3, 1);
            if ((down, across) != (0, 0))
                last = last.roll([-down, -across], [1, 2]);
            return last.reshape(batch, rows, side, columns, side, op.Heads, -1)
                .permute(0, 1, 3, 5, 2, 4, 6)
                .reshape(batch, rows * columns, op.Heads, positions, -1);
        }
    }

    // [windows, 1, positions, positions]
    static Tensor Mask(WindowAttend op, int height, int width, Tensor scores)
    {
        long positions = op.Window * op.Window;
        return tensor(op.Mask(height, width), [height * width / positions, 1, positions, positions], scores.dtype, scores.device);
    }

    /// <param name="table">[N, heads, 2 w - 1, 2 w - 1]</param>
    /// <param name="index">[w^4], int64</param>
    /// <returns>[N, heads, w^2, w^2]</returns>
    public static Tensor Bias(Tensor table, Tensor index)
    {
        using var flat = table.flatten(2);
        using var whole = index.to(ScalarType.Int64);
        using var pairs = flat.index_select(2, whole);
        var positions = (long)Math.Round(Math.Sqrt(index.shape[0]));
        return pairs.unflatten(2, positions, positions);
    }

    /// <summary>Zeros below and on the right.</summary>
    public static Tensor Pad(Tensor x, long multiple)
    {
        var (below, right) = (Missing(x.shape[2]), Missing(x.shape[3]));
        return (below, right) == (0, 0) ? x.alias() : F.pad(x, [0, right, 0, below], PaddingModes.Constant, 0);

        long Missing(long size) => (multiple - size % multiple) % multiple;
    }
}
