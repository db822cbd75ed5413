namespace Mtlc.Compiler.Ops;

/// <summary>
/// Which convolutions of a frozen graph are computed on the CPU by tiles of 4x4 results (Lavin and Gray, CVPR 2016), which take 36 multiplications
/// a channel instead of 144; and what that takes.
/// </summary>
public static class Winograd
{
    /// <summary>How much larger the transformed weights are: 36 numbers in place of 9.</summary>
    public const int WeightGrowth = 4;

    // Where the arithmetic saved is more than the transforms cost, and maps are so large that the larger weights are little beside them (docs/performance.md).
    private const int FewestTiles = 128, FewestOfPicture = 64, FewestChannels = 128;

    // Tiles transformed at a time, so that what lies between the products stays small.
    private const int Block = 128;

    /// <param name="channels">Of the input [N, C, H, W], as the other numbers.</param>
    public static bool Suits(Conv conv, long channels, long batch, long height, long width) =>
        conv is { Kernel: 3, Stride: 1, Dilation: 1, Groups: 1 } && conv.Padding.Resolve(3, 1) == 1 && channels >= FewestChannels && conv.Out >= FewestChannels
        && Tiles(height) * Tiles(width) is >= FewestOfPicture and var tiles && batch * tiles >= FewestTiles;

    /// <summary>How many tiles cover a height or a width.</summary>
    public static long Tiles(long size) => (size + 3) / 4;

    /// <summary>What is computed at a time: whole pictures, or some rows of tiles of one.</summary>
    public static (long Pictures, long Rows) BlockOf(long batch, long height, long width)
    {
        var (down, across) = (Tiles(height), Tiles(width));
        return Block / (down * across) is > 0 and var pictures ? (Math.Min(pictures, batch), down) : (1, Math.Clamp(Block / across, 1, down));
    }

    /// <summary>Bytes beside operands and result: the tiles of a block and their products.</summary>
    public static long Scratch(Conv conv, long channels, long batch, long height, long width)
    {
        var (pictures, rows) = BlockOf(batch, height, width);
        return 4 * 36 * pictures * rows * Tiles(width) * (channels + Math.Max(channels, conv.Out));
    }
}
