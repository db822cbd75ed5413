using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data.Images;

public class PngReaderTests
{
    public static TheoryData<int, int> Kinds() =>
        new()
        {
            { 0, 1 },
            { 0, 2 },
            { 0, 4 },
            { 0, 8 },
            { 0, 16 },
            { 3, 1 },
            { 3, 2 },
            { 3, 4 },
            { 3, 8 },
            { 2, 8 },
            { 2, 16 },
            { 4, 8 },
            { 4, 16 },
            { 6, 8 },
            { 6, 16 },
        };

    internal static (byte[] File, int[] Samples) Random(int color, int depth, int height, int width, bool interlaced)
    {
        var random = new Random(color * 100 + depth + height * 7 + width);
        var channels = color switch
        {
            0 or 3 => 1,
            2 => 3,
            4 => 2,
            _ => 4,
        };
        var samples = Enumerable.Range(0, height * width * channels).Select(_ => random.Next(1 << depth)).ToArray();
        var palette = color == 3 ? Enumerable.Range(0, 3 << depth).Select(i => (byte)i).ToArray() : null;
        return (HandMadePng.Encode(height, width, color, depth, samples, interlaced, palette, [4, 3, 2, 1, 0, 4, 1]), samples);
    }

    static int[] Decoded(PngImage png) => png.Words?.Select(w => (int)w).ToArray() ?? png.Bytes!.Select(b => (int)b).ToArray();

    [Theory, MemberData(nameof(Kinds))]
    public void Every_kind_and_size_gives_the_stored_samples(int color, int depth)
    {
        foreach (var interlaced in (bool[])[false, true])
        foreach (var (height, width) in ((int, int)[])[(1, 1), (3, 5), (5, 3), (8, 8), (9, 17), (2, 1), (1, 6)])
        {
            var (file, samples) = Random(color, depth, height, width, interlaced);
            var png = PngReader.Decode(file, "test.png");
            Assert.Equal((height, width, color, depth), (png.Height, png.Width, (int)png.Color, png.BitDepth));
            Assert.Equal(samples, Decoded(png));
            Assert.Equal(color == 3, png.Palette is not null);
        }
    }

    [Theory]
    [InlineData(0, 2, false), InlineData(3, 8, true), InlineData(2, 8, false), InlineData(0, 16, true)]
    public void Every_truncation_is_refused(int color, int depth, bool interlaced)
    {
        var (file, _) = Random(color, depth, 5, 6, interlaced);
        for (var length = 0; length < file.Length; length++)
        {
            var error = Assert.Throws<DataException>(() => PngReader.Decode(file.AsMemory(0, length), "cut.png"));
            Assert.StartsWith("cut.png: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, 2, false), InlineData(3, 8, true), InlineData(2, 8, false), InlineData(0, 16, true)]
    public void Every_flipped_byte_is_refused(int color, int depth, bool interlaced)
    {
        var (file, _) = Random(color, depth, 5, 6, interlaced);
        for (var at = 0; at < file.Length; at++)
            foreach (var mask in (byte[])[0x01, 0x80, 0xFF])
            {
                var bad = (byte[])file.Clone();
                bad[at] ^= mask;
                Assert.Throws<DataException>(() => PngReader.Decode(bad, "flipped.png"));
            }
    }

    [Theory]
    [
        InlineData(int.MaxValue, int.MaxValue),
        InlineData(65536, 65536),
        InlineData(0, 4),
        InlineData(4, 0),
        InlineData(-1, 4),
        InlineData(1 << 21, 1)
    ]
    public void A_header_that_promises_too_much_is_refused(int height, int width)
    {
        var error = Assert.Throws<DataException>(() =>
            PngReader.Decode(HandMadePng.Assemble(height, width, 6, 16, false, null, [0x78, 0x9C, 3, 0, 0, 0, 0, 1]), "big.png")
        );
        Assert.Contains("promises", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_file_that_promises_a_large_picture_is_refused_before_memory_is_taken()
    {
        var file = HandMadePng.Assemble(8192, 8192, 6, 16, false, null, [0x78, 0x9C, 3, 0, 0, 0, 0, 1]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<DataException>(() => PngReader.Decode(file, "big.png"));
        Assert.Contains("cannot hold", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void More_or_fewer_pixels_than_promised_are_refused()
    {
        var (file, _) = Random(0, 8, 4, 4, false);
        var idat = file[(8 + 25 + 8)..^16];
        foreach (var height in (int[])[3, 5])
            Assert.Throws<DataException>(() =>
                PngReader.Decode(HandMadePng.Assemble(height, 4, 0, 8, false, null, idat), "x.png")
            );
    }

    [Fact]
    public void Pixels_may_be_spread_over_many_chunks_and_other_chunks_are_passed_over()
    {
        var (file, samples) = Random(3, 4, 6, 6, false);
        var idat = file[(8 + 25 + 12 + 48 + 8)..^16];
        byte[] spread = [.. file[..(8 + 25)], .. HandMadePng.Chunk("gAMA", [0, 0, 1, 0]), .. file[(8 + 25)..(8 + 25 + 12 + 48)]];
        foreach (var b in idat)
            spread = [.. spread, .. HandMadePng.Chunk("IDAT", [b])];
        spread = [.. spread, .. HandMadePng.Chunk("tEXt", [65, 0, 66]), .. HandMadePng.Chunk("IEND", [])];
        Assert.Equal(samples, Decoded(PngReader.Decode(spread, "x.png")));
    }

    [Fact]
    public void Wrong_chunks_are_named()
    {
        var (file, _) = Random(0, 8, 4, 4, false);
        string Error(byte[] bytes) => Assert.Throws<DataException>(() => PngReader.Decode(bytes, "x.png")).Message;
        Assert.Contains("wrong signature", Error([.. "GIF89a and more"u8]), StringComparison.Ordinal);
        Assert.Contains("empty", Error([]), StringComparison.Ordinal);
        Assert.Contains(
            "'ABCD'".Trim('\''),
            Error([.. file[..33], .. HandMadePng.Chunk("ABCD", []), .. file[33..]]),
            StringComparison.Ordinal
        );
        Assert.Contains("second IHDR", Error([.. file[..33], .. file[8..]]), StringComparison.Ordinal);
        Assert.Contains("no pixels", Error([.. file[..33], .. file[^12..]]), StringComparison.Ordinal);
        Assert.Contains(
            "without a palette",
            Error(HandMadePng.Assemble(1, 1, 3, 8, false, null, file[41..^16])),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "colour type 2 with 4 bits",
            Error(HandMadePng.Assemble(1, 1, 2, 4, false, null, file[41..^16])),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no such file",
            Assert.Throws<DataException>(() => PngReader.Read("/nowhere/x.png")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Colours_are_looked_up_scaled_and_stripped_of_alpha()
    {
        byte[] Rgb(int color, int depth, int[] samples, byte[]? palette = null) =>
            PngReader.Decode(HandMadePng.Encode(1, 1, color, depth, samples, palette: palette), "x.png").ToRgb("x.png");
        Assert.Equal([4, 5, 6], Rgb(3, 2, [1], [1, 2, 3, 4, 5, 6]));
        Assert.Equal([85, 85, 85], Rgb(0, 2, [1]));
        Assert.Equal([255, 255, 255], Rgb(0, 1, [1]));
        Assert.Equal([255, 128, 0], Rgb(2, 16, [65535, 32896, 100]));
        Assert.Equal([1, 2, 3], Rgb(6, 8, [1, 2, 3, 4]));
        Assert.Contains(
            "index 3",
            Assert.Throws<DataException>(() => Rgb(3, 2, [3], [1, 2, 3])).Message,
            StringComparison.Ordinal
        );
    }
}
