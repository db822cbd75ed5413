using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Data.Augmentation;

/// <summary>A sample as the network sees it.</summary>
/// <param name="Image">3 * Height * Width, planar (CHW): red, green, blue, normalised with ImageNet's statistics; behind them the
/// channels of the maps that the network reads, as the data have them, NaN where there is no number.</param>
/// <param name="Classes">Height * Width class indices, 255 where unlabelled; null where the sample has none.</param>
/// <param name="Depth">Height * Width metres, NaN where unlabelled; null where the sample has none.</param>
public sealed record Example(string Name, int Height, int Width, float[] Image, byte[]? Classes, float[]? Depth)
{
    /// <summary>Label of a pixel that has none.</summary>
    public const byte Unlabelled = DataContract.Unlabelled;

    /// <summary>Mean of red, green, blue over ImageNet, intensities in 0..1.</summary>
    public static readonly float[] Mean = [0.485f, 0.456f, 0.406f];

    /// <summary>Standard deviation of red, green, blue over ImageNet, intensities in 0..1.</summary>
    public static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>The picture again, 8 bits a channel, interleaved.</summary>
    public byte[] ToRgb()
    {
        var (pixels, rgb) = (Height * Width, new byte[3 * Height * Width]);
        for (var c = 0; c < 3; c++)
        {
            for (var p = 0; p < pixels; p++)
                rgb[p * 3 + c] = (byte)Math.Clamp((Image[c * pixels + p] * Deviation[c] + Mean[c]) * 255 + 0.5f, 0, 255);
        }
        return rgb;
    }
}
