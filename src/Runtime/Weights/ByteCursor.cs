using System.Buffers.Binary;
using System.Text;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>Reads little-endian values one after the other and refuses to pass the end.</summary>
sealed class ByteCursor(ReadOnlyMemory<byte> bytes, int position = 0)
{
    public int Position { get; private set; } = position;

    public int Left => bytes.Length - Position;

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > Left)
            throw new DataException($"the file is truncated: {count} bytes are wanted at byte {Position}, and {Left} are left");
        Position += (int)count;
        return bytes.Slice(Position - (int)count, (int)count);
    }

    public byte Byte() => Take(1).Span[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public string Utf8(long count)
    {
        try
        {
            return Strict.GetString(Take(count).Span);
        }
        catch (DecoderFallbackException)
        {
            throw new DataException($"a text before byte {Position} is not UTF-8");
        }
    }

    /// <summary>Up to the next line feed, which is consumed.</summary>
    public string Line()
    {
        var length = bytes.Span[Position..].IndexOf((byte)'\n');
        if (length < 0 || length > 1000)
            throw new DataException($"a name at byte {Position} does not end");
        var line = Utf8(length);
        Take(1);
        return line;
    }

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
}
