using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Mtlc.Runtime.Reports;

namespace Mtlc.Tests.Reports;

/// <summary>Event files are read back as TensorBoard reads them: TFRecord framing with checksums, then protobuf.</summary>
public sealed class EventFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-events").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // RFC 3720, B.4: the CRC32C of 32 zero bytes is 8a9136aa; TFRecord masks it.
    [Fact]
    public void The_checksum_is_the_masked_crc32c()
    {
        const uint crc = 0x8a9136aa;
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8), EventFile.MaskedCrc(new byte[32]));
    }

    [Fact]
    public void Scalars_and_images_read_back()
    {
        using (var file = new EventFile(folder, purgeFrom: 7))
        {
            file.Scalar("train/loss", 0.25, 7);
            file.Image("samples", 3, 5, [1, 2, 3], 300);
        }
        var path = Assert.Single(Directory.GetFiles(folder));
        Assert.Contains(".tfevents.", path);
        var events = Records(File.ReadAllBytes(path)).Select(r => Fields(r)).ToArray();
        Assert.Equal(4, events.Length);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString((byte[])events[0][3]));
        Assert.Equal(7L, events[1][2]);
        Assert.Equal(1L, Fields((byte[])events[1][7])[1]);
        Assert.Equal(7L, events[2][2]);
        var scalar = Fields((byte[])Fields((byte[])events[2][5])[1]);
        Assert.Equal("train/loss", Encoding.UTF8.GetString((byte[])scalar[1]));
        Assert.Equal(0.25f, scalar[2]);
        Assert.Equal(300L, events[3][2]);
        var image = Fields((byte[])Fields((byte[])Fields((byte[])events[3][5])[1])[4]);
        Assert.Equal((3L, 5L, 3L), ((long)image[1], (long)image[2], (long)image[3]));
        Assert.Equal([1, 2, 3], (byte[])image[4]);
    }

    /// <summary>TensorBoard reads them in the order of their names.</summary>
    [Fact]
    public void A_resumed_runs_file_comes_last_even_if_the_clock_was_set_back()
    {
        new EventFile(folder).Dispose();
        var first = Assert.Single(Directory.GetFiles(folder));
        File.Move(first, Path.Combine(folder, "events.out.tfevents.4000000000.7.mtlc")); // of the year 2096
        new EventFile(folder, purgeFrom: 1).Dispose();
        new EventFile(folder, purgeFrom: 2).Dispose();
        Assert.Equal(
            ["4000000000.7", $"4000000001.{Environment.ProcessId}", $"4000000002.{Environment.ProcessId}"],
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)["events.out.tfevents.".Length..^".mtlc".Length]).Order(StringComparer.Ordinal));
    }

    static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(EventFile.MaskedCrc(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(EventFile.MaskedCrc(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return data;
            at += 16 + length;
        }
    }

    static Dictionary<int, object> Fields(byte[] message)
    {
        var fields = new Dictionary<int, object>();
        var input = new CodedInputStream(message);
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            fields[WireFormat.GetTagFieldNumber(tag)] = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadInt64(),
                WireFormat.WireType.Fixed64 => input.ReadDouble(),
                WireFormat.WireType.Fixed32 => input.ReadFloat(),
                _ => input.ReadBytes().ToByteArray(),
            };
        }
        return fields;
    }
}
