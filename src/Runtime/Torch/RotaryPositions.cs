using Mtlc.Compiler.Ops;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>Runs <see cref="Rotary"/>.</summary>
static class RotaryPositions
{
    /// <param name="x">[N, C, H, W], or [N, C, 1, tokens + pixels].</param>
    /// <param name="size">Rows and columns of its pixels.</param>
    public static Tensor Turn(Rotary op, Tensor x, (long Height, long Width) size)
    {
        using var scope = NewDisposeScope();
        var (shape, pixels, half) = (x.shape, size.Height * size.Width, x.shape[1] / op.Heads / 2);
        var angles = tensor(
            op.Angles((int)shape[1], (int)size.Height, (int)size.Width),
            [pixels, 1, half],
            dtype: ScalarType.Float64,
            device: x.device
        );
        var (cosine, sine) = (angles.cos().to(x.dtype), angles.sin().to(x.dtype));
        // [N, positions, heads, channels of a head]
        var rows = x.permute(0, 2, 3, 1).reshape(shape[0], shape[2] * shape[3], op.Heads, 2 * half);
        var tokens = rows.shape[1] - pixels;
        var turning = rows.narrow(1, tokens, pixels);
        var (first, second) = (turning.narrow(3, 0, half), turning.narrow(3, half, half));
        var turned = cat([first * cosine - second * sine, (second * cosine).Plus(first * sine)], 3);
        var whole = tokens == 0 ? turned : cat([rows.narrow(1, 0, tokens), turned], 1);
        return whole.reshape(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
