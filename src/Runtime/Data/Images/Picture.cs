using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Images;

/// <summary>A colour picture of 8 bits a channel.</summary>
/// <param name="Rgb">Height * Width * 3 bytes, row-major, interleaved red, green, blue.</param>
public sealed record Picture(int Height, int Width, byte[] Rgb)
{
    /// <summary>A picture of one colour.</summary>
    public static Picture Filled(int height, int width, (byte R, byte G, byte B) color)
    {
        var rgb = new byte[height * width * 3];
        for (var i = 0; i < rgb.Length; i += 3)
            (rgb[i], rgb[i + 1], rgb[i + 2]) = color;
        return new Picture(height, width, rgb);
    }

    /// <summary>Reads a PNG, JPEG, WebP, BMP or GIF.</summary>
    /// <exception cref="DataException">Missing, truncated, damaged or too large.</exception>
    public static Picture Load(string path) => PictureDecoder.Decode(DataFile.ReadBytes(path), path);

    public byte[] ToPng() => PngWriter.Rgb(Height, Width, Rgb);

    public byte[] ToJpeg(int quality = 95) => PictureDecoder.EncodeJpeg(this, quality);

    public void SavePng(string path) => File.WriteAllBytes(path, ToPng());

    public void SaveJpeg(string path, int quality = 95) => File.WriteAllBytes(path, ToJpeg(quality));

    /// <summary>Bilinear with half-pixel centres (align_corners=False); shrinking widens the triangle, so that nothing
    /// aliases.</summary>
    public Picture ResizeBilinear(int height, int width)
    {
        if ((height, width) == (Height, Width))
            return this;
        var (rows, columns) = (Taps(Height, height), Taps(Width, width));
        var wide = new float[Height * width * 3];
        for (var y = 0; y < Height; y++)
        for (var x = 0; x < width; x++)
        for (var (k, c) = (0, 0); c < 3; c++, k = 0)
        {
            var (first, weights) = columns[x];
            var sum = 0f;
            for (; k < weights.Length; k++)
                sum += weights[k] * Rgb[(y * Width + first + k) * 3 + c];
            wide[(y * width + x) * 3 + c] = sum;
        }
        var rgb = new byte[height * width * 3];
        var stride = width * 3;
        for (var y = 0; y < height; y++)
        for (var i = 0; i < stride; i++)
        {
            var (first, weights) = rows[y];
            var sum = 0.5f;
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * wide[(first + k) * stride + i];
            rgb[y * stride + i] = (byte)Math.Clamp(sum, 0, 255);
        }
        return new Picture(height, width, rgb);
    }

    static (int First, float[] Weights)[] Taps(int from, int to)
    {
        var (scale, support) = ((double)from / to, Math.Max(1, (double)from / to));
        var taps = new (int, float[])[to];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale - 0.5;
            var first = Math.Max(0, (int)Math.Ceiling(centre - support));
            var last = Math.Min(from - 1, (int)Math.Floor(centre + support));
            var weights = new double[last - first + 1];
            for (var k = 0; k < weights.Length; k++)
                weights[k] = Math.Max(0, 1 - Math.Abs(first + k - centre) / support);
            var sum = weights.Sum();
            taps[i] = (first, weights.Select(w => (float)(w / sum)).ToArray());
        }
        return taps;
    }

    /// <summary>Mixes another picture of the same size over this one: alpha 0 leaves this, 1 gives the other.</summary>
    public Picture Blend(Picture over, double alpha)
    {
        if ((over.Height, over.Width) != (Height, Width))
            throw new ArgumentException($"cannot blend {over.Height}x{over.Width} over {Height}x{Width}");
        var rgb = new byte[Rgb.Length];
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)(Rgb[i] * (1 - alpha) + over.Rgb[i] * alpha + 0.5);
        return new Picture(Height, Width, rgb);
    }

    /// <summary>Colours the labelled pixels, half transparent; ignored pixels keep the picture.</summary>
    /// <param name="classes">Height * Width class indices, 255 where unlabelled.</param>
    public Picture Overlay(ReadOnlySpan<byte> classes, Palette palette, double alpha = 0.5)
    {
        var labels = palette.Paint(Height, Width, classes);
        for (var p = 0; p < classes.Length; p++)
            if (classes[p] == Palette.Ignore)
                Rgb.AsSpan(p * 3, 3).CopyTo(labels.Rgb.AsSpan(p * 3));
        return Blend(labels, alpha);
    }

    /// <summary>Copies another picture into this one, in place, clipped at the border.</summary>
    internal void Paste(Picture picture, int top, int left)
    {
        var columns = Math.Min(picture.Width, Width - left);
        for (var y = 0; y < picture.Height && top + y < Height && columns > 0; y++)
            picture.Rgb.AsSpan(y * picture.Width * 3, columns * 3).CopyTo(Rgb.AsSpan(((top + y) * Width + left) * 3));
    }
}
