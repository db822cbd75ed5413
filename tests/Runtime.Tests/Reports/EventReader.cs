using System.Buffers.Binary;
using Google.Protobuf;

namespace Mtlc.Tests.Reports;

/// <summary>Reads event files with nothing of the code that writes them: a bitwise CRC-32C, and the classes that TorchSharp made
/// from TensorFlow's own definitions.</summary>
static class EventReader
{
    public static IReadOnlyList<Tensorboard.Event> Events(string folder) =>
        [
            .. Directory
                .GetFiles(folder)
                .Order(StringComparer.Ordinal)
                .SelectMany(f => Records(File.ReadAllBytes(f)))
                .Select(r => Tensorboard.Event.Parser.ParseFrom(r)),
        ];

    /// <summary>Step, tag and content of every value of every summary, in the file's order.</summary>
    public static IReadOnlyList<(long Step, string Tag, string Content)> Values(string folder) =>
        [
            .. Events(folder)
                .Where(e => e.Summary is not null)
                .SelectMany(e => e.Summary.Value.Select(v => (e.Step, v.Tag, v.ToString()))),
        ];

    public static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length; )
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(MaskedCrc(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(MaskedCrc(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return data;
            at += 16 + length;
        }
    }

    /// <summary>Fields of a message by number, the last of each.</summary>
    public static Dictionary<int, object> Fields(byte[] message) =>
        AllFields(message).GroupBy(f => f.Number).ToDictionary(g => g.Key, g => g.Last().Value);

    public static IEnumerable<(int Number, object Value)> AllFields(byte[] message)
    {
        var input = new CodedInputStream(message);
        for (uint tag; (tag = input.ReadTag()) != 0; )
        {
            yield return (
                WireFormat.GetTagFieldNumber(tag),
                WireFormat.GetTagWireType(tag) switch
                {
                    WireFormat.WireType.Varint => input.ReadInt64(),
                    WireFormat.WireType.Fixed64 => input.ReadDouble(),
                    WireFormat.WireType.Fixed32 => input.ReadFloat(),
                    _ => input.ReadBytes().ToByteArray(),
                }
            );
        }
    }

    // RFC 3720: polynomial 1EDC6F41, reflected.
    public static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }
        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }
}
