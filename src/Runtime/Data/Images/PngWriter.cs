using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Mtlc.Runtime.Data.Images;

/// <summary>Writes the kinds of PNG that labels, depth and figures need. The same samples give the same bytes
/// everywhere.</summary>
public static class PngWriter
{
    /// <summary>An 8-bit palette picture.</summary>
    /// <param name="indices">Height * Width palette indices.</param>
    /// <param name="palette">Red, green, blue of up to 256 colours.</param>
    public static byte[] Palette(int height, int width, ReadOnlySpan<byte> indices, ReadOnlySpan<byte> palette)
    {
        if (palette.Length is 0 or > 768 || palette.Length % 3 != 0)
            throw new ArgumentException("a palette has 1 to 256 colours of 3 bytes", nameof(palette));
        return Encode(height, width, PngColor.Palette, 8, indices, palette);
    }

    /// <param name="samples">Height * Width gray values.</param>
    public static byte[] Gray8(int height, int width, ReadOnlySpan<byte> samples) =>
        Encode(height, width, PngColor.Gray, 8, samples, []);

    /// <param name="samples">Height * Width gray values of 16 bits.</param>
    public static byte[] Gray16(int height, int width, ReadOnlySpan<ushort> samples)
    {
        var bytes = new byte[samples.Length * 2];
        for (var i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(i * 2), samples[i]);
        return Encode(height, width, PngColor.Gray, 16, bytes, []);
    }

    /// <param name="samples">Height * Width * 3 bytes, interleaved red, green, blue.</param>
    public static byte[] Rgb(int height, int width, ReadOnlySpan<byte> samples) =>
        Encode(height, width, PngColor.Rgb, 8, samples, []);

    static byte[] Encode(int height, int width, PngColor color, int depth, ReadOnlySpan<byte> samples, ReadOnlySpan<byte> palette)
    {
        var stride = PngImage.ChannelsOf(color) * depth / 8;
        if (height < 1 || width < 1 || samples.Length != (long)height * width * stride)
            throw new ArgumentException(
                $"{samples.Length} bytes are not a picture of {height}x{width} with {stride} bytes a pixel"
            );
        var file = new MemoryStream();
        file.Write(PngChunks.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        (header[8], header[9]) = ((byte)depth, (byte)color);
        Chunk(file, "IHDR"u8, header);
        if (!palette.IsEmpty)
            Chunk(file, "PLTE"u8, palette);
        Chunk(file, "IDAT"u8, Deflate(height, width * stride, stride, filtered: color != PngColor.Palette, samples));
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    static ReadOnlySpan<byte> Deflate(int height, int rowBytes, int stride, bool filtered, ReadOnlySpan<byte> samples)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var (best, tried) = (new byte[rowBytes + 1], new byte[rowBytes + 1]);
            ReadOnlySpan<byte> above = new byte[rowBytes];
            for (var y = 0; y < height; y++)
            {
                var row = samples.Slice(y * rowBytes, rowBytes);
                var least = long.MaxValue;
                // Minimum sum of absolute differences picks the filter (ISO/IEC 15948, 12.8); palettes do best unfiltered.
                for (byte filter = 0; filter <= (filtered ? 4 : 0); filter++)
                {
                    tried[0] = filter;
                    PngFilter.Apply(filter, row, above, stride, tried.AsSpan(1));
                    var sum = 0L;
                    for (var i = 1; i < tried.Length; i++)
                        sum += Math.Abs((int)(sbyte)tried[i]);
                    if (sum >= least)
                        continue;
                    least = sum;
                    (best, tried) = (tried, best);
                }
                zlib.Write(best);
                above = row;
            }
        }
        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        file.Write(number);
    }
}
