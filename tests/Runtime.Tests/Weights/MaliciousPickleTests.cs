using System.IO.Compression;
using System.Text;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Weights;

namespace Mtlc.Tests.Weights;

/// <summary>Pickles that would execute something, or exhaust memory, under Python.</summary>
public sealed class MaliciousPickleTests
{
    /// <summary>A zip archive as torch.save writes it around a pickle.</summary>
    static byte[] Archive(byte[] pickle, params (string Path, byte[] Content)[] more)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in more.Prepend(("archive/data.pkl", pickle)))
            {
                using var entry = zip.CreateEntry(path, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    static string Refusal(string pickle) => Assert.Throws<DataException>(() => TorchArchive.Read(Archive(Bytes(pickle)))).Message;

    [Theory]
    [InlineData("\u0080\u0002cposix\nsystem\nX\u0002\0\0\0ls\u0085R.", "posix.system")]
    [InlineData("\u0080\u0002cos\nsystem\n(X\u0002\0\0\0lstR.", "os.system")]
    [InlineData("\u0080\u0002c__builtin__\neval\nX\u0001\0\0\0" + "1\u0085R.", "__builtin__.eval")]
    [InlineData("\u0080\u0002ctorch._utils\n_rebuild_tensor_v3\n)R.", "_rebuild_tensor_v3")]
    [InlineData("\u0080\u0002(S'ls'\nios\nsystem\n.", "STRING")]
    [InlineData("\u0080\u0002(X\u0002\0\0\0lsios\nsystem\n.", "INST")]
    [InlineData("\u0080\u0004X\u0002\0\0\0osX\u0006\0\0\0system\u0093X\u0002\0\0\0ls\u0085R.", "os.system")]
    [InlineData("\u0080\u0005\u0097.", "NEXT_BUFFER")]
    [InlineData("\u0080\u0002X\u0001\0\0\0xP1\n.", "PERSID")]
    [InlineData("\u0080\u0002\u0082\u0001.", "EXT")]
    public void What_would_execute_is_refused_by_name(string pickle, string named)
    {
        var message = Refusal(pickle);
        Assert.Contains(named, message);
        Assert.Contains("nothing in it was executed", message);
    }

    [Theory]
    [InlineData("\u0080\u0002ccollections\nOrderedDict\nK\u0001\u0085R.")] // an argument it does not take
    [InlineData("\u0080\u0002K\u0001)R.")] // calling a number
    [InlineData("\u0080\u0002}K\u0001Xs.")] // a text that is longer than the file
    [InlineData("\u0080\u0002(((.")] // marks as a result
    [InlineData("\u0080\u0002h\u0005.")] // a memo that was never filled
    [InlineData("\u0080\u0002K\u0001Q.")] // a persistent id that is no storage
    [InlineData("\u0080\u0002}).b.")] // two results
    [InlineData("\u0080\u0002}]K\u0001s.")] // a list as a key
    [InlineData("\u0080\u0002.")] // no result
    [InlineData("\u0080\u0002}.")] // no tensors
    [InlineData("\u0080\u0002K\u0001.")] // a number instead of a dictionary
    [InlineData("")]
    public void Nonsense_is_refused(string pickle) => Refusal(pickle);

    [Fact]
    public void Lists_of_lists_of_lists_cost_what_their_file_costs()
    {
        // "Billion laughs": 100 levels, each ten references to the one before: 10^100 leaves if anything walked them.
        var pickle = new StringBuilder("\u0080\u0002]q\0");
        for (var level = 0; level < 100; level++)
            pickle
                .Append("](")
                .Append(string.Concat(Enumerable.Repeat($"h{(char)level}", 10)))
                .Append('e')
                .Append('q')
                .Append((char)(level + 1));
        // Everything made so far lies on the stack: one tuple of it, keyed in a dictionary.
        var text = pickle.ToString().Replace("\u0080\u0002", "\u0080\u0002(", StringComparison.Ordinal);
        Refusal(text + "t.");
        Refusal(string.Concat(text.AsSpan(0, 2), "}K\u0001", text.AsSpan(2), "ts."));
    }

    [Fact]
    public void Deep_nesting_does_not_exhaust_the_stack() =>
        Refusal("\u0080\u0002}K\u0001)" + string.Concat(Enumerable.Repeat("\u0085", 1_000_000)) + "s.");

    [Fact]
    public void A_tensor_cannot_be_larger_than_what_is_stored()
    {
        // One float, seen as 2^31 - 1 elements with stride 0.
        var tensor =
            "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0"
            + "0X\u0003\0\0\0cpuK\u0001tQK\0"
            + "J\u00ff\u00ff\u00ff\u007f\u0085K\0\u0085\u0089ccollections\nOrderedDict\n)RtR";
        var archive = Archive(Bytes($"\u0080\u0002}}X\u0001\0\0\0w{tensor}s."), ("archive/data/0", new byte[4]));
        Assert.Contains("more elements than the 1", Assert.Throws<DataException>(() => TorchArchive.Read(archive)).Message);
    }

    [Theory]
    [InlineData("../data.pkl")]
    [InlineData("/etc/passwd")]
    [InlineData("archive/../../x")]
    [InlineData("other/data/0")]
    [InlineData("archive\\x")]
    [InlineData("archive/data.pkl")]
    public void Paths_that_torch_does_not_write_are_refused(string path) =>
        Assert.Throws<DataException>(() => TorchArchive.Read(Archive(Bytes("\u0080\u0002}."), (path, []))));

    [Fact]
    public void Compressed_records_are_refused()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.Optimal).Open();
            entry.Write(new byte[1 << 20]); // a bomb would be this, in large
        }
        Assert.Contains("compressed", Assert.Throws<DataException>(() => TorchArchive.Read(stream.ToArray())).Message);
    }

    [Fact]
    public void Big_endian_archives_are_refused() =>
        Assert.Contains(
            "big-endian",
            Assert
                .Throws<DataException>(() =>
                    TorchArchive.Read(Archive(Bytes("\u0080\u0002}."), ("archive/byteorder", "big"u8.ToArray())))
                )
                .Message
        );

    [Fact]
    public void A_million_marks_and_tuples_are_read_in_linear_time() =>
        // Quadratic time would be hours.
        Refusal("\u0080\u0002" + new string('(', 1_000_000) + new string('t', 999_999) + ".");
}
