using System.Buffers.Binary;
using System.Numerics;

namespace Mtlc.Runtime.Reports.TensorBoard;

/// <summary>
/// TFRecord framing (tensorflow/core/lib/io/record_writer.cc): length, masked CRC-32C of the length, data, masked CRC-32C of the
/// data. </summary>
static class RecordFraming
{
    const int Head = 12,
        Tail = 4;

    public static byte[] Frame(ReadOnlySpan<byte> data)
    {
        var record = new byte[Head + data.Length + Tail];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record.AsSpan(Head));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(Head + data.Length), MaskedCrc(data));
        return record;
    }

    /// <returns>The data of each record up to the first that is cut off or damaged: what lies behind it has no known
    /// place.</returns>
    public static IEnumerable<byte[]> Read(Stream stream)
    {
        var head = new byte[Head];
        var tail = new byte[Tail];
        while (stream.ReadAtLeast(head, Head, throwOnEndOfStream: false) == Head)
        {
            var length = BinaryPrimitives.ReadInt64LittleEndian(head);
            if (
                BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8)) != MaskedCrc(head.AsSpan(0, 8))
                || length < 0
                || length > stream.Length - stream.Position
            )
                yield break;
            var data = new byte[length];
            stream.ReadExactly(data);
            if (
                stream.ReadAtLeast(tail, Tail, throwOnEndOfStream: false) < Tail
                || BinaryPrimitives.ReadUInt32LittleEndian(tail) != MaskedCrc(data)
            )
                yield break;
            yield return data;
        }
    }

    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
