using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Images;

/// <summary>IHDR of a PNG (ISO/IEC 15948, 11.2.2), checked.</summary>
sealed record PngHeader(int Height, int Width, int BitDepth, PngColor Color, bool Interlaced)
{
    public int Channels => PngImage.ChannelsOf(Color);

    public int RowBytes(int width) => (int)(((long)width * Channels * BitDepth + 7) / 8);
}

/// <summary>A PNG taken apart: header, palette, and all IDAT payloads as one zlib stream.</summary>
sealed record PngChunks(PngHeader Header, byte[]? Palette, ReadOnlyMemory<byte> Compressed)
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Walks the chunks, with the order, lengths and CRCs that the specification asks for.</summary>
    /// <exception cref="DataException">Anything is missing, out of order, damaged or absurd.</exception>
    public static PngChunks Parse(ReadOnlyMemory<byte> file, string name)
    {
        var bytes = file.Span;
        if (!bytes.StartsWith(Signature))
            throw new DataException($"{name}: {(bytes.Length == 0 ? "the file is empty" : "not a PNG file (wrong signature)")}");
        PngHeader? header = null;
        byte[]? palette = null;
        var parts = new List<ReadOnlyMemory<byte>>();
        var partsEnded = false;
        for (var at = Signature.Length; ; )
        {
            if (bytes.Length - at < 12)
                throw Truncated(name);
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            var type = bytes.Slice(at + 4, 4);
            if (length > int.MaxValue || length > bytes.Length - at - 12)
                throw Truncated(name);
            var data = file.Slice(at + 8, (int)length);
            var stored = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]);
            if (Crc32.HashToUInt32(bytes.Slice(at + 4, (int)length + 4)) != stored)
                throw new DataException($"{name}: damaged: the checksum of chunk {Printable(type)} at byte {at} does not match");
            at += 12 + (int)length;

            if (header is null && !type.SequenceEqual("IHDR"u8))
                throw new DataException($"{name}: damaged: the first chunk is {Printable(type)}, not IHDR");
            if (parts.Count > 0 && !type.SequenceEqual("IDAT"u8))
                partsEnded = true;
            if (type.SequenceEqual("IHDR"u8))
            {
                if (header is not null)
                    throw new DataException($"{name}: damaged: a second IHDR chunk");
                header = ParseHeader(data.Span, name);
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                if (palette is not null || parts.Count > 0 || length == 0 || length % 3 != 0 || length > 768)
                    throw new DataException($"{name}: damaged: a PLTE chunk of {length} bytes, or a second or late one");
                palette = data.ToArray();
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                if (partsEnded)
                    throw new DataException($"{name}: damaged: its IDAT chunks do not follow one another");
                parts.Add(data);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                break;
            }
            else if ((type[0] & 0x20) == 0)
            {
                throw new DataException($"{name}: critical chunk {Printable(type)} is not one that a PNG may have");
            }
        }
        if (parts.Count == 0)
            throw new DataException($"{name}: damaged: no pixels (no IDAT chunk)");
        if (header!.Color == PngColor.Palette && palette is null)
            throw new DataException($"{name}: damaged: a palette picture without a palette (no PLTE chunk)");
        return new PngChunks(header, palette, Join(parts));
    }

    /// <summary>Signature and IHDR chunk.</summary>
    public const int StartLength = 8 + 12 + 13;

    /// <summary>The header alone, from the first bytes of a file.</summary>
    public static PngHeader ParseStart(ReadOnlySpan<byte> start, string name)
    {
        if (!start.StartsWith(Signature))
            throw new DataException($"{name}: not a PNG file (wrong signature)");
        if (start.Length < StartLength)
            throw Truncated(name);
        var chunk = start.Slice(Signature.Length + 4, 4 + 13);
        if (
            !chunk.StartsWith("IHDR"u8)
            || BinaryPrimitives.ReadUInt32BigEndian(start[(StartLength - 4)..]) != Crc32.HashToUInt32(chunk)
        )
            throw new DataException($"{name}: damaged: its first chunk is not a whole IHDR");
        return ParseHeader(chunk[4..], name);
    }

    static PngHeader ParseHeader(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != 13)
            throw new DataException($"{name}: damaged: an IHDR chunk of {data.Length} bytes instead of 13");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
        var (depth, color) = (data[8], data[9]);
        var legal = color switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!legal)
            throw new DataException($"{name}: no PNG has colour type {color} with {depth} bits a sample");
        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw new DataException($"{name}: unknown compression {data[10]}, filter {data[11]} or interlace method {data[12]}");
        DataFile.CheckSize(name, height, width);
        return new PngHeader((int)height, (int)width, depth, (PngColor)color, data[12] == 1);
    }

    static ReadOnlyMemory<byte> Join(List<ReadOnlyMemory<byte>> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var joined = new byte[parts.Sum(p => p.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(joined.AsMemory(at));
            at += part.Length;
        }
        return joined;
    }

    static DataException Truncated(string name) => new($"{name}: truncated: the file ends before its IEND chunk");

    static string Printable(ReadOnlySpan<byte> type)
    {
        foreach (var b in type)
            if (!char.IsAsciiLetter((char)b))
                return $"0x{Convert.ToHexString(type)}";
        return Encoding.ASCII.GetString(type);
    }
}
