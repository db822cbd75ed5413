using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>
/// Which convolutions of a frozen graph are computed on the CPU by tiles of 4x4 results (F(4x4, 3x3) of Lavin and Gray, CVPR
/// 2016), which take 36 multiplications a channel instead of 144; and what that takes. </summary>
public static class Winograd
{
    /// <summary>How much larger the transformed weights are: 36 numbers in place of 9.</summary>
    public const int WeightGrowth = 4;

    /// <summary>How many tiles a thread transforms at a time: what lies between the steps stays in the processor's
    /// cache.</summary>
    public const int Block = 24;

    // Less than these, and the arithmetic saved is little beside the transforms, or beside reading the larger weights
    // (docs/performance.md).
    const int FewestTiles = 32,
        FewestChannels = 32,
        FewestResults = 16;

    /// <param name="channels">Of the input [N, C, H, W], as the other numbers.</param>
    public static bool Suits(Conv conv, long channels, long height, long width) =>
        conv is { Kernel: 3, Stride: 1, Groups: 1 }
        && conv.Margin == conv.Dilation
        && channels >= FewestChannels
        && conv.Out >= FewestResults
        && Tiles(conv.Dilation, height, width) is >= FewestTiles and var tiles
        && 8 * tiles <= height * width;

    /// <summary>How many tiles cover a map. A dilated convolution is one of each of the d x d maps that every d-th row and column
    /// make.</summary>
    public static long Tiles(int dilation, long height, long width) =>
        dilation * dilation * Side(dilation, height) * Side(dilation, width);

    /// <summary>How many tiles cover a height or a width of every <paramref name="dilation"/>-th pixel.</summary>
    public static long Side(int dilation, long size) => (size + 4 * dilation - 1) / (4 * dilation);

    /// <summary>Bytes beside operands and result: the tiles of a block and their products, of each thread.</summary>
    public static long Scratch(Conv conv, long channels, long batch, long height, long width, int threads) =>
        4 * 36 * Math.Min(threads * Block, batch * Tiles(conv.Dilation, height, width)) * (channels + conv.Out);
}
