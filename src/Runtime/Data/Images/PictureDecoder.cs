using System.Runtime.InteropServices;
using Mtlc.Runtime.Files;
using SkiaSharp;

namespace Mtlc.Runtime.Data.Images;

/// <summary>Colour pictures to and from files: PNG by our own strict reader, the lossy formats by Skia's codecs.</summary>
static class PictureDecoder
{
    /// <summary>Decodes stored pixels as they are: no colour profile, gamma or EXIF rotation is applied, alpha is
    /// dropped.</summary>
    public static Picture Decode(byte[] file, string name)
    {
        if (file.AsSpan().StartsWith(PngChunks.Signature))
        {
            var png = PngReader.Decode(file, name);
            return new Picture(png.Height, png.Width, png.ToRgb(name));
        }
        if (file.Length == 0)
            throw new DataException($"{name}: the file is empty");
        if (file is [0xFF, 0xD8, ..] && !JpegSegments.IsWhole(file))
            throw new DataException($"{name}: truncated: the JPEG has no end marker");
        using var data = SKData.CreateCopy(file);
        using var codec =
            SKCodec.Create(data)
            ?? throw new DataException($"{name}: not a picture (PNG, JPEG, WebP, BMP or GIF), or its header is damaged");
        var (height, width) = (codec.Info.Height, codec.Info.Width);
        DataFile.CheckSize(name, height, width);
        if ((long)height * width > file.Length * PixelsPerByte(codec.EncodedFormat) + (1 << 20))
            throw new DataException(
                $"{name}: damaged: {file.Length} bytes cannot hold the {height}x{width} pixels of its header"
            );
        var info = new SKImageInfo(
            width,
            height,
            SKColorType.Rgba8888,
            codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul
        );
        var rgba = GC.AllocateUninitializedArray<byte>(height * width * 4, pinned: true);
        var result = codec.GetPixels(info, Marshal.UnsafeAddrOfPinnedArrayElement(rgba, 0));
        if (result != SKCodecResult.Success)
            throw new DataException(
                result == SKCodecResult.IncompleteInput
                    ? $"{name}: truncated: the pixels end early"
                    : $"{name}: damaged: its pixels cannot be decoded ({result})"
            );
        var rgb = GC.AllocateUninitializedArray<byte>(height * width * 3);
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
        return new Picture(height, width, rgb);
    }

    /// <summary>
    /// The most pixels that a byte of a valid file can stand for; what promises more is refused before anything is allocated for
    /// it. JPEG takes a bit or more for each block of 64 pixels, so at most 512. Lossless WebP has codes of no bits, with which
    /// 30 bytes are any flat picture; GIF leaves out what a frame does not cover, and run-length-encoded BMP what is skipped: of
    /// these only the limit on pixels is left. </summary>
    static long PixelsPerByte(SKEncodedImageFormat format) => format == SKEncodedImageFormat.Jpeg ? 512 : DataFile.LargestPicture;

    public static byte[] EncodeJpeg(Picture picture, int quality)
    {
        var rgba = GC.AllocateUninitializedArray<byte>(picture.Height * picture.Width * 4, pinned: true);
        for (int from = 0, to = 0; from < picture.Rgb.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (
                picture.Rgb[from],
                picture.Rgb[from + 1],
                picture.Rgb[from + 2],
                255
            );
        var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var pixels = new SKPixmap(info, Marshal.UnsafeAddrOfPinnedArrayElement(rgba, 0));
        using var data =
            pixels.Encode(SKEncodedImageFormat.Jpeg, quality)
            ?? throw new ArgumentException($"a picture of {picture.Height}x{picture.Width} cannot be a JPEG");
        GC.KeepAlive(rgba);
        return data.ToArray();
    }
}
