using Mtlc.Runtime.Data.Images;

namespace Mtlc.Tests.Runtime.Data.Images;

public class PngWriterTests
{
    [Theory, InlineData(1, 1), InlineData(7, 5), InlineData(64, 33)]
    public void What_is_written_is_read_back(int height, int width)
    {
        var random = new Random(height);
        var bytes = new byte[height * width * 3];
        random.NextBytes(bytes);
        var gray = bytes[..(height * width)];
        var words = gray.Select(g => (ushort)(g * 257 ^ 1)).ToArray();

        var palette = PngReader.Decode(PngWriter.Palette(height, width, gray, Palette.Cityscapes.Rgb), "p");
        Assert.Equal((PngColor.Palette, 8), (palette.Color, palette.BitDepth));
        Assert.Equal(gray, palette.Bytes);
        Assert.Equal(Palette.Cityscapes.Rgb.ToArray(), palette.Palette);
        Assert.Equal(gray, PngReader.Decode(PngWriter.Gray8(height, width, gray), "g").Bytes);
        Assert.Equal(words, PngReader.Decode(PngWriter.Gray16(height, width, words), "w").Words);
        Assert.Equal(bytes, PngReader.Decode(PngWriter.Rgb(height, width, bytes), "c").ToRgb("c"));
    }

    [Fact]
    public void Another_decoder_agrees()
    {
        var picture = new Picture(3, 4, Enumerable.Range(0, 36).Select(i => (byte)(i * i)).ToArray());
        using var skia = SkiaSharp.SKBitmap.Decode(picture.ToPng());
        for (var y = 0; y < 3; y++)
        for (var x = 0; x < 4; x++)
        {
            var color = skia.GetPixel(x, y);
            Assert.Equal(picture.Rgb[((y * 4 + x) * 3)..][..3], new[] { color.Red, color.Green, color.Blue });
        }
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PngWriter.Gray8(2, 2, new byte[3]));
        Assert.Throws<ArgumentException>(() => PngWriter.Palette(1, 1, new byte[1], new byte[4]));
    }
}
