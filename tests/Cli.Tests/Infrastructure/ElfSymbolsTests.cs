using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mtlc.Tests.Infrastructure;

/// <summary>On libraries that the build takes, as their packages ship them.</summary>
public class ElfSymbolsTests
{
    /// <param name="Offset">In the file.</param>
    /// <param name="Alignment">Of the address and of the place in the file, which must agree in it.</param>
    record Segment(uint Type, long Offset, long Address, long Size, long Alignment);

    static string Library(string name) => Path.Combine(AppContext.BaseDirectory, "runtimes/linux-x64/native", name);

    static List<Segment> Segments(Stream file)
    {
        var header = Bytes(file, 0, 64);
        return
        [
            .. Enumerable
                .Range(0, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56)))
                .Select(i => Bytes(file, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32)) + 56 * i, 56))
                .Select(p => new Segment(BinaryPrimitives.ReadUInt32LittleEndian(p), At(p, 8), At(p, 16), At(p, 32), At(p, 48))),
        ];
    }

    static long At(byte[] entry, int offset) => BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(offset));

    static byte[] Bytes(Stream file, long offset, int count)
    {
        var bytes = new byte[count];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    // The whole of a segment but the file's own header, whose places change.
    static IEnumerable<byte[]> Content(Stream file, Segment segment)
    {
        var skipped = segment.Offset == 0 ? 0x1000 : 0;
        for (long start = skipped, next; start < segment.Size; start = next)
        {
            next = Math.Min(start + (1 << 22), segment.Size);
            yield return Bytes(file, segment.Offset + start, (int)(next - start));
        }
    }

    [Theory]
    [InlineData("libtorch_cpu.so")] // its dynamic symbols lie behind those of the debugger, and move
    [InlineData("libc10.so")]
    public void What_the_loader_maps_stays_as_it_is_and_is_mapped_as_before(string name)
    {
        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier == "linux-x64", "the library is another elsewhere");
        using var source = File.OpenRead(Library(name));
        var path = Path.GetTempFileName();
        try
        {
            using var stripped = File.Create(path);
            var saved = ElfSymbols.Strip(source, stripped);

            Assert.Equal(source.Length - saved, stripped.Length);
            Assert.InRange(saved, source.Length / 10, source.Length / 3);
            var (before, after) = (Segments(source), Segments(stripped));
            Assert.Equal(before.Select(s => s with { Offset = 0 }), after.Select(s => s with { Offset = 0 }));
            foreach (var (b, a) in before.Zip(after).Where(p => p.First.Type == 1))
            {
                Assert.Equal(a.Address % a.Alignment, a.Offset % a.Alignment);
                Assert.All(Content(source, b).Zip(Content(stripped, a)), p => Assert.True(p.First.SequenceEqual(p.Second)));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_loader_takes_it_and_finds_its_functions()
    {
        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier == "linux-x64", "the library is another elsewhere");
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.so");
        try
        {
            using (var source = File.OpenRead(Library("libtorch.so")))
            using (var stripped = File.Create(path))
                ElfSymbols.Strip(source, stripped);
            NativeLibrary.Load(Library("libtorch_cpu.so")); // which it asks for
            var library = NativeLibrary.Load(path);

            Assert.NotEqual(0, NativeLibrary.GetExport(library, "__bss_start"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_library_without_such_a_table_is_copied_as_it_is()
    {
        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier == "linux-x64", "the library is another elsewhere");
        var shipped = File.ReadAllBytes(Library("libgomp-98b21ff3.so.1"));
        using var copy = new MemoryStream();

        Assert.Equal(0, ElfSymbols.Strip(new MemoryStream(shipped), copy));
        Assert.Equal(shipped, copy.ToArray());
    }

    [Fact]
    public void What_is_no_library_or_ends_too_early_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => ElfSymbols.Strip(new MemoryStream(new byte[100]), new MemoryStream()));

        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier == "linux-x64", "the library is another elsewhere");
        var shipped = File.ReadAllBytes(Library("libc10.so"));
        Assert.Throws<InvalidDataException>(() => ElfSymbols.Strip(new MemoryStream(shipped[..4096]), new MemoryStream()));
    }
}
