using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;

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
        for (var i = 0; i < expected.Length; i++) Assert.InRange(picture.Rgb[i], expected[i] - tolerance, expected[i] + tolerance);
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
