using System.Numerics;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch.Native;
using static Mtlc.Runtime.Torch.WinogradSteps;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>
/// 3x3 convolution by F(4x4, 3x3) of Lavin and Gray (CVPR 2016): a tile of 4x4 results takes 36 multiplications a channel instead
/// of 144. Tiles of 6x6 inputs are transformed, multiplied by the transformed weights (channels by channels, one product for each
/// of the 36), and transformed back, a block of tiles at a time on each of libtorch's threads. It rounds a little more than the
/// direct sum: errors are three to ten times as large, 1e-5 of the values. </summary>
static unsafe class WinogradConvolution
{
    // How far apart, besides, the 36 matrices lie, so that not all use the same few lines of the cache.
    const int Gap = 16;

    static readonly delegate* unmanaged<nint, float**, int> Data = (delegate* unmanaged<nint, float**, int>)
        NativeSymbols.Find("aoti_torch_get_data_ptr");

    // Lavin and Gray, section 4.1, row-wise and column-wise at once: the Kronecker product of the weights' matrix with itself.
    static readonly Lazy<Tensor> OfWeights = new(() =>
    {
        using var one = tensor(
            new float[,]
            {
                { 1 / 4f, 0, 0 },
                { -1 / 6f, -1 / 6f, -1 / 6f },
                { -1 / 6f, 1 / 6f, -1 / 6f },
                { 1 / 24f, 1 / 12f, 1 / 6f },
                { 1 / 24f, -1 / 12f, 1 / 6f },
                { 0, 0, 1 },
            }
        );
        return one.kron(one).DetachFromDisposeScope();
    });

    static readonly bool Allowed = NativeSwitches.Current.Allows("winograd");

    public static bool IsAvailable => Allowed && Data != null && Vector.IsHardwareAccelerated;

    /// <param name="weight">[K, C, 3, 3]</param>
    /// <returns>[36, panels, C, columns]: K in panels of so many columns as are multiplied at once, the last filled with
    /// zeros.</returns>
    public static Tensor Transform(Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (k, c, panels) = (weight.shape[0], weight.shape[1], Up(weight.shape[0], Panel) / Panel);
        var transformed = OfWeights.Value.mm(weight.permute(2, 3, 1, 0).reshape(9, c * k)).view(36, c, k);
        var filled = nn.functional.pad(transformed, [0, panels * Panel - k]);
        return filled.view(36, c, panels, Panel).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>relu?(conv(x, W) + bias + residual?), with a border of zeros that keeps the size.</summary>
    /// <param name="x">[N, C, H, W], float32 on the CPU</param>
    /// <param name="weight">As <see cref="Transform"/> gave it.</param>
    /// <param name="residual">Of the result's shape, or null.</param>
    /// <returns>[N, K, H, W], channels last.</returns>
    public static Tensor Run(Conv conv, bool relu, Tensor x, Tensor weight, Tensor? bias, Tensor? residual)
    {
        using var scope = NewDisposeScope();
        var (n, c, h, w) = ((int)x.shape[0], (int)x.shape[1], (int)x.shape[2], (int)x.shape[3]);
        var result = empty([n, h, w, conv.Out], float32);
        var work = new Work
        {
            Input = Of(x),
            Residual = residual is null ? default : Of(residual),
            Result = Of(result.permute(0, 3, 1, 2)),
            Weight = Address(weight),
            Bias = bias is null ? null : Address(bias.contiguous()),
            Channels = c,
            Results = conv.Out,
            Height = h,
            Width = w,
            Dilation = conv.Dilation,
            Relu = relu,
            RowLength = (int)Up(c, Lanes),
            Columns = (int)weight.shape[1] * Panel,
            Tiles = (int)(n * Winograd.Tiles(conv.Dilation, h, w)),
        };
        var threads = TorchThreads.Number;
        work.Blocks = (int)Math.Min(work.Tiles, Up(work.Tiles, threads * Winograd.Block) / Winograd.Block);
        var rows = Up((work.Tiles + work.Blocks - 1) / work.Blocks, Rows);
        (work.OfTiles, work.OfProducts) = (rows * work.RowLength + Gap, rows * work.Columns + Gap);
        using var scratch = empty([threads * work.ScratchOfThread], float32);
        using var border = zeros([work.RowLength], float32);
        work.Scratch = Address(scratch);
        work.Zeros = Address(border);
        TorchThreads.Run(&WinogradSteps.Run, &work, threads);
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(residual);
        GC.KeepAlive(bias);
        return result.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    static long Up(long size, int unit) => (size + unit - 1) / unit * unit;

    static Map Of(Tensor x)
    {
        var strides = x.stride();
        if (strides[1] != 1 && x.shape[1] > 1)
            return Of(ChannelsLast.Of(x)); // lives as long as the scope
        return new()
        {
            Values = Address(x),
            Picture = strides[0],
            Row = strides[2],
            Pixel = strides[3],
        };
    }

    static float* Address(Tensor tensor)
    {
        float* address;
        if (Data(tensor.Handle, &address) != 0)
            throw new InvalidOperationException("libtorch could not say where a tensor lies");
        return address;
    }
}
