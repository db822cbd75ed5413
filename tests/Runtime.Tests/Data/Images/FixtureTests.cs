using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data.Images;

/// <summary>Files written by Pillow and OpenCV (fixtures/make.py), decoded bit for bit.</summary>
public class FixtureTests
{
    internal static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Data", "fixtures", name);

    static int[] Expect(Func<int, int> sample) => Enumerable.Range(0, 60).Select(sample).ToArray();

    static int[] ExpectRgb(Func<int, int> r, Func<int, int> g, Func<int, int> b) =>
        Enumerable.Range(0, 60).SelectMany(p => (int[])[r(p), g(p), b(p)]).ToArray();

    static int[] Samples(string name)
    {
        var png = PngReader.Read(Fixture(name));
        Assert.Equal((6, 10), (png.Height, png.Width));
        return png.Words?.Select(w => (int)w).ToArray() ?? png.Bytes!.Select(b => (int)b).ToArray();
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4), InlineData(8)]
    public void Palette_pictures_give_indices(int bits)
    {
        Assert.Equal(Expect(p => p % (1 << bits)), Samples($"pil-palette-{bits}.png"));
        var png = PngReader.Read(Fixture($"pil-palette-{bits}.png"));
        Assert.Equal((PngColor.Palette, bits), (png.Color, png.BitDepth));
        Assert.Equal([1, 254, 7], png.Palette![3..6]);
    }

    [Fact]
    public void Gray_and_colour_pictures_give_their_samples()
    {
        Assert.Equal(Expect(p => p * 3), Samples("pil-gray-8.png"));
        Assert.Equal(Expect(p => p % 2), Samples("pil-gray-1.png"));
        Assert.Equal(Expect(p => p % 2), Samples("cv-gray-1.png"));
        Assert.Equal(Expect(p => p * 1000 + 7), Samples("cv-gray-16.png"));
        Assert.Equal(ExpectRgb(p => p, p => 255 - p, p => p * 5 % 256), Samples("pil-rgb-8.png"));
        Assert.Equal(ExpectRgb(p => p * 256 + 9, p => (255 - p) * 256 + 9, p => p * 5 % 256 * 256 + 9), Samples("cv-rgb-16.png"));
        Assert.Equal(Enumerable.Range(0, 60).SelectMany(p => (int[])[p, 255 - p, p * 5 % 256, p]), Samples("pil-rgba-8.png"));
        Assert.Equal(Enumerable.Range(0, 60).SelectMany(p => (int[])[p, 255 - p]), Samples("pil-gray-alpha-8.png"));
    }

    [Theory, InlineData("pil-quality-95.jpg", 4), InlineData("pil-progressive.jpg", 40)]
    public void Jpegs_are_near_what_was_saved(string name, int tolerance)
    {
        var picture = Picture.Load(Fixture(name));
        Assert.Equal((6, 10), (picture.Height, picture.Width));
        var expected = ExpectRgb(p => p * 4, p => 128, p => 255 - p * 4);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(picture.Rgb[i], expected[i] - tolerance, expected[i] + tolerance);
    }

    [Theory, InlineData("pil-quality-95.jpg"), InlineData("pil-progressive.jpg")]
    public void Every_cut_jpeg_is_refused(string name)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Fixture(name));
        for (var length = 0; length < whole.Length; length++)
        {
            var path = folder.File("cut.jpg", whole[..length]);
            Assert.Contains("cut.jpg", Assert.Throws<DataException>(() => Picture.Load(path)).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A phone's motion photo: a video behind the picture, which may hold any bytes, markers of JPEG among
    /// them.</summary>
    [Theory, InlineData("pil-quality-95.jpg"), InlineData("pil-progressive.jpg")]
    public void Bytes_behind_the_end_of_a_jpeg_mean_nothing(string name)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Fixture(name));
        var expected = Picture.Load(Fixture(name)).Rgb;
        byte[][] tails =
        [
            [0xFF, 0xDA, 1, 2],
            [0xFF, 0xD8, 0xFF],
            [0xFF],
            [0, 0, 0, 24, .. "ftypmp42"u8, 0xFF, 0xDA, 0xFF, 0xD9, 0xFF, 0xDA],
            new byte[5000],
        ];
        foreach (var tail in tails)
            Assert.Equal(expected, Picture.Load(folder.File("motion.jpg", [.. whole, .. tail])).Rgb);
    }

    /// <summary>A thumbnail in a segment has an end of its own, which is not the picture's.</summary>
    [Fact]
    public void A_cut_jpeg_with_a_whole_thumbnail_is_refused()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Fixture("pil-quality-95.jpg"));
        byte[] segment = [0xFF, 0xE1, (byte)((whole.Length + 2) >> 8), (byte)(whole.Length + 2), .. whole];
        Assert.Equal(
            Picture.Load(Fixture("pil-quality-95.jpg")).Rgb,
            Picture.Load(folder.File("thumb.jpg", [.. whole[..2], .. segment, .. whole[2..]])).Rgb
        );
        var message = Assert
            .Throws<DataException>(() => Picture.Load(folder.File("cut.jpg", [.. whole[..2], .. segment, .. whole[2..^2]])))
            .Message;
        Assert.Contains("truncated", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pil-flat.webp", 1024, 2048, 0, 0, 0)]
    [InlineData("pil-flat-three.webp", 1080, 1920, 120, 170, 230)]
    public void A_flat_picture_may_take_next_to_nothing(string name, int height, int width, int r, int g, int b)
    {
        var picture = Picture.Load(Fixture(name));
        Assert.Equal((height, width), (picture.Height, picture.Width));
        Assert.Equal([(byte)r, (byte)g, (byte)b], picture.Rgb[..3]);
    }

    [Fact]
    public void A_header_that_promises_more_than_any_picture_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = File.ReadAllBytes(Fixture("pil-flat.webp"));
        (file[21], file[22], file[23], file[24]) = (0xFF, 0xFF, 0xFF, 0x0F); // 16384 x 16384 in the 14-bit fields behind VP8L's signature
        Assert.Contains(
            "16384x16384",
            Assert.Throws<DataException>(() => Picture.Load(folder.File("huge.webp", file))).Message,
            StringComparison.Ordinal
        );
        var jpeg = File.ReadAllBytes(Fixture("pil-quality-95.jpg"));
        var frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (jpeg[frame + 5], jpeg[frame + 7]) = (0x1F, 0x1F);
        Assert.Contains(
            "cannot hold the",
            Assert.Throws<DataException>(() => Picture.Load(folder.File("huge.jpg", jpeg))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_damaged_jpeg_is_decoded_or_refused_but_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Fixture("pil-progressive.jpg"));
        var refused = 0;
        for (var at = 0; at < whole.Length; at++)
        {
            var bad = (byte[])whole.Clone();
            bad[at] ^= 0xFF;
            try
            {
                Assert.True(Picture.Load(folder.File("bad.jpg", bad)).Rgb.Length > 0);
            }
            catch (DataException)
            {
                refused++;
            }
        }
        Assert.NotEqual(0, refused);
    }
}
