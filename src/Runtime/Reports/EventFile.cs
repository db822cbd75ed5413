using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mtlc.Runtime.Reports;

/// <summary>
/// A TensorBoard event file: protobuf `Event` messages in TFRecord framing (tensorflow/core/util/event.proto, summary.proto;
/// lib/io/record_writer.cc). Only scalars and images are needed, a dozen fields in all, so they are encoded here.
/// </summary>
public sealed class EventFile : IDisposable
{
    const string Prefix = "events.out.tfevents.";

    readonly FileStream file;

    /// <param name="purgeFrom">A resumed run: TensorBoard forgets what earlier files say from this step on.</param>
    public EventFile(string folder, long? purgeFrom = null)
    {
        Directory.CreateDirectory(folder);
        // TensorBoard reads files in the order of their names; a clock that was set back must not put this one before its predecessors.
        var before = Directory.GetFiles(folder, Prefix + "*").Select(f => Path.GetFileName(f)[Prefix.Length..].Split('.')[0])
            .Max(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var second) ? second : (long?)null);
        var second = Math.Max(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), before + 1 ?? 0);
        var name = FormattableString.Invariant($"{Prefix}{second:D10}.{Environment.ProcessId}.mtlc");
        file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Write(new Message().Double(1, Now).Text(3, "brain.Event:2"));
        if (purgeFrom is { } step)
            Write(new Message().Double(1, Now).Integer(2, step).Nested(7, new Message().Integer(1, 1))); // SessionLog.START
    }

    public void Scalar(string tag, double value, long step) => Summary(step, new Message().Text(1, tag).Float(2, (float)value));

    /// <param name="png">An encoded RGB picture.</param>
    public void Image(string tag, int height, int width, byte[] png, long step) => Summary(
        step, new Message().Text(1, tag).Nested(4, new Message().Integer(1, height).Integer(2, width).Integer(3, 3).Bytes(4, png)));

    public void Flush() => file.Flush();

    public void Dispose() => file.Dispose();

    static double Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;

    void Summary(long step, Message value) =>
        Write(new Message().Double(1, Now).Integer(2, step).Nested(5, new Message().Nested(1, value)));

    // length, masked CRC of the length, data, masked CRC of the data
    void Write(Message message)
    {
        var data = message.ToArray();
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        file.Write(head);
        file.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(head, MaskedCrc(data));
        file.Write(head[..4]);
    }

    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xA282EAD8;
    }

    /// <summary>Fields of a protobuf message, in the wire format.</summary>
    sealed class Message
    {
        readonly MemoryStream bytes = new();

        public Message Integer(int field, long value) => Key(field, 0).Varint((ulong)value);

        public Message Double(int field, double value)
        {
            Span<byte> raw = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(raw, value);
            return Key(field, 1).Raw(raw);
        }

        public Message Float(int field, float value)
        {
            Span<byte> raw = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(raw, value);
            return Key(field, 5).Raw(raw);
        }

        public Message Bytes(int field, ReadOnlySpan<byte> value) => Key(field, 2).Varint((ulong)value.Length).Raw(value);

        public Message Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Message Nested(int field, Message value) => Bytes(field, value.ToArray());

        public byte[] ToArray() => bytes.ToArray();

        Message Key(int field, int wireType) => Varint((ulong)(field << 3 | wireType));

        Message Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                bytes.WriteByte((byte)(value | 0x80));
            bytes.WriteByte((byte)value);
            return this;
        }

        Message Raw(ReadOnlySpan<byte> value)
        {
            bytes.Write(value);
            return this;
        }
    }
}
