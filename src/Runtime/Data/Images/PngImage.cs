using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Images;

/// <summary>The colour types of PNG (ISO/IEC 15948, table 11.1), with the specification's numbers.</summary>
public enum PngColor
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}

/// <summary>The samples of a PNG exactly as stored: never scaled, never looked up in the palette.</summary>
/// <param name="BitDepth">1, 2, 4, 8 or 16 bits a sample.</param>
/// <param name="Bytes">Height * Width * Channels samples, interleaved, where a sample has at most 8 bits; else null.</param>
/// <param name="Words">The same for 16-bit samples; else null.</param>
/// <param name="Palette">Red, green, blue of each palette entry; null where the file has none. An index may lie beyond
/// it.</param>
public sealed record PngImage(
    int Height,
    int Width,
    PngColor Color,
    int BitDepth,
    byte[]? Bytes,
    ushort[]? Words,
    byte[]? Palette
)
{
    public int Channels => ChannelsOf(Color);

    /// <summary>A single channel whose numbers mean themselves: gray or palette.</summary>
    public bool IsIndexed => Color is PngColor.Gray or PngColor.Palette;

    internal static int ChannelsOf(PngColor color) =>
        color switch
        {
            PngColor.Gray or PngColor.Palette => 1,
            PngColor.GrayAlpha => 2,
            PngColor.Rgb => 3,
            _ => 4,
        };

    /// <summary>Height * Width * 3 bytes: gray repeated, palettes looked up, alpha dropped, other depths scaled to 8
    /// bits.</summary>
    /// <exception cref="DataException">A pixel's index lies beyond the palette.</exception>
    public byte[] ToRgb(string name)
    {
        if (Color == PngColor.Rgb && BitDepth == 8)
            return Bytes!;
        var rgb = GC.AllocateUninitializedArray<byte>(Height * Width * 3);
        var (channels, top) = (Channels, (1 << BitDepth) - 1);
        int Scaled(int i) => Words is { } words ? (words[i] * 255 + 32767) / 65535 : Bytes![i] * 255 / top;
        for (var p = 0; p < Height * Width; p++)
        {
            if (Color == PngColor.Palette)
            {
                var entry = Bytes![p] * 3;
                if (entry >= Palette!.Length)
                    throw new DataException(
                        $"{name}: pixel {p % Width},{p / Width} has index {entry / 3}, "
                            + $"but the palette has {Palette.Length / 3} colours"
                    );
                Palette.AsSpan(entry, 3).CopyTo(rgb.AsSpan(p * 3));
            }
            else if (channels < 3)
            {
                rgb.AsSpan(p * 3, 3).Fill((byte)Scaled(p * channels));
            }
            else
            {
                for (var c = 0; c < 3; c++)
                    rgb[p * 3 + c] = (byte)Scaled(p * channels + c);
            }
        }
        return rgb;
    }
}
