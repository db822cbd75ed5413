using System.Text;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data.Images;

public class FloatMapTests
{
    static string Error(Action action) => Assert.Throws<DataException>(action).Message;

    static float[] Expect(Func<int, float> value) => Enumerable.Range(0, 60).Select(value).ToArray();

    [Fact]
    public void Arrays_that_numpy_saved_are_read_bit_for_bit()
    {
        Assert.Equal(Expect(p => p / 4f), FloatMap.ReadNpy(FixtureTests.Fixture("f4.npy")).Values);
        Assert.Equal(Expect(p => (float)(p / 3.0)), FloatMap.ReadNpy(FixtureTests.Fixture("f8.npy")).Values);
        Assert.Equal(Expect(p => p * 1000), FloatMap.ReadNpy(FixtureTests.Fixture("u2.npy")).Values);
        var map = FloatMap.ReadNpy(FixtureTests.Fixture("f4.npy"));
        Assert.Equal((6, 10), (map.Height, map.Width));
        Assert.Contains(
            "Fortran order",
            Error(() => FloatMap.ReadNpy(FixtureTests.Fixture("f4-fortran.npy"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "two-dimensional",
            Error(() => FloatMap.ReadNpy(FixtureTests.Fixture("f4-3d.npy"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Float_maps_are_read_in_both_byte_orders_top_row_first()
    {
        var map = FloatMap.ReadPfm(FixtureTests.Fixture("cv.pfm"));
        Assert.Equal((6, 10), (map.Height, map.Width));
        Assert.Equal(Expect(p => p / 4f), map.Values);
        using var folder = new TemporaryFolder();
        var big = folder.File("big.pfm", [.. "Pf\n1 2\n1.0\n"u8, 0x40, 0x00, 0x00, 0x00, 0x3F, 0x80, 0x00, 0x00]);
        Assert.Equal([1f, 2f], FloatMap.ReadPfm(big).Values);
        // The sign of the scale is the byte order and nothing else: in both the bottom row comes first.
        var little = folder.File("little.pfm", [.. "Pf\n1 2\n-2.5\n"u8, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x80, 0x3F]);
        Assert.Equal([1f, 2f], FloatMap.ReadPfm(little).Values);
        Assert.Contains(
            "colour",
            Error(() => FloatMap.ReadPfm(folder.File("c.pfm", "PF\n1 1\n-1\n000000000000"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "scale",
            Error(() => FloatMap.ReadPfm(folder.File("s.pfm", "Pf\n1 1\n0\n0000"))),
            StringComparison.Ordinal
        );
    }

    [Theory, InlineData("f4.npy"), InlineData("u2.npy"), InlineData("cv.pfm")]
    public void Every_truncation_and_every_damaged_header_is_refused_or_decoded(string name)
    {
        using var folder = new TemporaryFolder();
        FloatMap Read(string path) =>
            name.EndsWith("npy", StringComparison.Ordinal) ? FloatMap.ReadNpy(path) : FloatMap.ReadPfm(path);
        var whole = File.ReadAllBytes(FixtureTests.Fixture(name));
        for (var length = 0; length < whole.Length; length++)
            Assert.Contains(name, Error(() => Read(folder.File(name, whole[..length]))), StringComparison.Ordinal);
        Assert.Contains("too long", Error(() => Read(folder.File(name, [.. whole, 0]))), StringComparison.Ordinal);
        for (var at = 0; at < Math.Min(whole.Length, 140); at++)
            foreach (var mask in (byte[])[1, 4, 0x80])
            {
                var bad = (byte[])whole.Clone();
                bad[at] ^= mask;
                try
                {
                    Assert.NotEmpty(Read(folder.File(name, bad)).Values);
                }
                catch (DataException) { }
            }
    }

    [Theory]
    [
        InlineData("(99999999999999999999, 3)"),
        InlineData("(1000000, 1000000)"),
        InlineData("(0, 3)"),
        InlineData("(-1, 3)"),
        InlineData("(3,)")
    ]
    public void Absurd_shapes_are_refused(string shape)
    {
        using var folder = new TemporaryFolder();
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n";
        var file = folder.File("x.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
        Assert.StartsWith(file, Error(() => FloatMap.ReadNpy(file)), StringComparison.Ordinal);
    }
}
