using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Data.Images;

/// <summary>The colour of each class. Index 255, and any index without a colour of its own, is black.</summary>
public sealed class Palette
{
    public const byte Ignore = DataContract.Unlabelled;

    readonly byte[] rgb = new byte[768];

    /// <param name="colors">Red, green, blue of class 0, 1, ...; at most 255 classes.</param>
    public Palette(ReadOnlySpan<byte> colors)
    {
        if (colors.Length > 765 || colors.Length % 3 != 0)
            throw new ArgumentException("a palette has at most 255 colours of 3 bytes");
        colors.CopyTo(rgb);
        Count = colors.Length / 3;
    }

    public int Count { get; }

    /// <summary>256 entries of red, green, blue, as a PNG's PLTE holds them.</summary>
    public ReadOnlySpan<byte> Rgb => rgb;

    public (byte R, byte G, byte B) this[int index] => (rgb[index * 3], rgb[index * 3 + 1], rgb[index * 3 + 2]);

    /// <summary>The customary colours of the 19 Cityscapes classes (Cordts et al. 2016), in the order of the train ids.</summary>
    public static Palette Cityscapes { get; } =
        new([
            128,
            64,
            128,
            244,
            35,
            232,
            70,
            70,
            70,
            102,
            102,
            156,
            190,
            153,
            153,
            153,
            153,
            153,
            250,
            170,
            30,
            220,
            220,
            0,
            107,
            142,
            35,
            152,
            251,
            152,
            70,
            130,
            180,
            220,
            20,
            60,
            255,
            0,
            0,
            0,
            0,
            142,
            0,
            0,
            70,
            0,
            60,
            100,
            0,
            80,
            100,
            0,
            0,
            230,
            119,
            11,
            32,
        ]);

    /// <summary>Cityscapes' colours for its classes; for any others the colour map of PASCAL VOC, which tells 255
    /// apart.</summary>
    public static Palette For(ImmutableArray<string> classNames) =>
        classNames.SequenceEqual(DataContract.CityscapesClasses) ? Cityscapes : Voc(classNames.Length);

    /// <summary>Bit k of the class number goes to bit 7 - k / 3 of channel k mod 3 (VOCdevkit's `VOClabelcolormap`).</summary>
    static Palette Voc(int classes)
    {
        var colors = new byte[Math.Min(classes, 255) * 3];
        for (var i = 0; i < colors.Length / 3; i++)
        for (var bit = 0; bit < 8; bit++)
            colors[i * 3 + bit % 3] |= (byte)((i >> bit & 1) << 7 - bit / 3);
        return new Palette(colors);
    }

    /// <param name="classes">Height * Width class indices.</param>
    public Picture Paint(int height, int width, ReadOnlySpan<byte> classes)
    {
        if (classes.Length != height * width)
            throw new ArgumentException($"{classes.Length} labels are not {height}x{width}");
        var picture = new byte[classes.Length * 3];
        for (var p = 0; p < classes.Length; p++)
            rgb.AsSpan(classes[p] * 3, 3).CopyTo(picture.AsSpan(p * 3));
        return new Picture(height, width, picture);
    }
}
