using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Images;

/// <summary>
/// A strict PNG reader (ISO/IEC 15948), our own because labels need the palette's indices and depth needs all 16 bits, which
/// picture libraries do not give, nor do they refuse a damaged file: every colour type and depth, Adam7, CRCs checked, samples as
/// stored. </summary>
public static class PngReader
{
    /// <summary>Adam7 (ISO/IEC 15948, 8.2): first row, first column, row step, column step of each pass.</summary>
    static readonly (int Y, int X, int StepY, int StepX)[] Adam7 =
    [
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    ];

    /// <exception cref="DataException">The file is missing, truncated, damaged, not a PNG, or promises too large a
    /// picture.</exception>
    public static PngImage Read(string path) => Decode(DataFile.ReadBytes(path), path);

    /// <summary>The size that a PNG's header promises, from its first bytes.</summary>
    /// <exception cref="DataException">The file is missing, not a PNG, or its header is damaged.</exception>
    public static ImageSize ReadSize(string path)
    {
        var header = PngChunks.ParseStart(DataFile.ReadStart(path, PngChunks.StartLength), path);
        return new ImageSize(header.Height, header.Width);
    }

    /// <summary>Decodes a PNG held in memory; <paramref name="name"/> is what messages call it.</summary>
    /// <exception cref="DataException">The bytes are truncated, damaged, not a PNG, or promise too large a picture.</exception>
    public static PngImage Decode(ReadOnlyMemory<byte> file, string name)
    {
        var chunks = PngChunks.Parse(file, name);
        var header = chunks.Header;
        var passes = header.Interlaced ? Adam7 : [(0, 0, 1, 1)];
        var count = checked(header.Height * header.Width * header.Channels);
        using var pixels = Inflate(chunks, passes, name);
        // Only now, when the file has proved to hold that many pixels, is the picture allocated.
        var bytes = header.BitDepth <= 8 ? GC.AllocateUninitializedArray<byte>(count) : null;
        var words = header.BitDepth == 16 ? GC.AllocateUninitializedArray<ushort>(count) : null;
        var raw = pixels.Span;
        foreach (var (y0, x0, stepY, stepX) in passes)
        {
            var (height, width) = (Steps(header.Height, y0, stepY), Steps(header.Width, x0, stepX));
            if (height == 0 || width == 0)
                continue;
            var rowBytes = header.RowBytes(width);
            var stride = Math.Max(1, header.Channels * header.BitDepth / 8);
            ReadOnlySpan<byte> above = default;
            for (var y = 0; y < height; y++)
            {
                var row = raw.Slice(1, rowBytes);
                if (!PngFilter.Undo(raw[0], row, above, stride))
                    throw new DataException($"{name}: damaged: row {y} has filter {raw[0]}; PNG knows 0 to 4");
                Scatter(header, row, bytes, words, (y0 + y * stepY) * header.Width + x0, stepX, width);
                above = row;
                raw = raw[(1 + rowBytes)..];
            }
        }
        return new PngImage(header.Height, header.Width, header.Color, header.BitDepth, bytes, words, chunks.Palette);
    }

    static int Steps(int size, int first, int step) => (size - first + step - 1) / step;

    /// <summary>All filtered rows of all passes. Never inflates more than the header promises.</summary>
    static Inflated Inflate(PngChunks chunks, (int Y, int X, int StepY, int StepX)[] passes, string name)
    {
        var header = chunks.Header;
        var total = 0L;
        foreach (var (y, x, stepY, stepX) in passes)
        {
            var width = Steps(header.Width, x, stepX);
            if (width > 0)
                total += Steps(header.Height, y, stepY) * (1L + header.RowBytes(width));
        }
        // Deflate cannot shrink by more than 1032 : 1 (RFC 1951), so a small file that promises more is lying.
        if (total > int.MaxValue || total / 1032 > chunks.Compressed.Length)
            throw new DataException(
                $"{name}: damaged: {chunks.Compressed.Length} compressed bytes cannot hold the {total} "
                    + $"that its header ({header.Height}x{header.Width}) promises"
            );
        var buffer = new Inflated(ArrayPool<byte>.Shared.Rent((int)total), (int)total);
        try
        {
            var (source, segment) = (chunks.Compressed, default(ArraySegment<byte>));
            if (!MemoryMarshal.TryGetArray(source, out segment))
                segment = new ArraySegment<byte>(source.ToArray());
            using var stream = new ZLibStream(
                new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false),
                CompressionMode.Decompress
            );
            var read = stream.ReadAtLeast(buffer.Span, (int)total, throwOnEndOfStream: false);
            if (read < total)
                throw new DataException($"{name}: damaged: its pixels end after {read} of {total} bytes");
            if (stream.ReadByte() >= 0)
                throw new DataException(
                    $"{name}: damaged: more pixels than its header ({header.Height}x{header.Width}) promises"
                );
            return buffer;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            buffer.Dispose();
            throw new DataException($"{name}: damaged: its pixels do not decompress ({e.Message})", e);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Spreads one unfiltered row of a pass over the picture, from sample pixel <paramref name="at"/> in
    /// steps.</summary>
    static void Scatter(PngHeader header, ReadOnlySpan<byte> row, byte[]? bytes, ushort[]? words, int at, int step, int width)
    {
        var (channels, depth) = (header.Channels, header.BitDepth);
        if (words is not null && step == 1)
        {
            var samples = MemoryMarshal.Cast<byte, ushort>(row);
            if (BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(samples, words.AsSpan(at * channels, samples.Length));
            else
                samples.CopyTo(words.AsSpan(at * channels));
        }
        else if (words is not null)
        {
            for (var x = 0; x < width; x++)
            for (var c = 0; c < channels; c++)
                words[(at + x * step) * channels + c] = BinaryPrimitives.ReadUInt16BigEndian(row[((x * channels + c) * 2)..]);
        }
        else if (depth == 8 && step == 1)
        {
            row.CopyTo(bytes.AsSpan(at * channels));
        }
        else if (depth == 8)
        {
            for (var x = 0; x < width; x++)
                row.Slice(x * channels, channels).CopyTo(bytes.AsSpan((at + x * step) * channels));
        }
        else
        {
            // Below 8 bits there is one channel; the leftmost pixel sits in the highest bits.
            var mask = (1 << depth) - 1;
            for (var x = 0; x < width; x++)
                bytes![at + x * step] = (byte)(row[x * depth / 8] >> (8 - depth - x * depth % 8) & mask);
        }
    }

    sealed record Inflated(byte[] Buffer, int Length) : IDisposable
    {
        public Span<byte> Span => Buffer.AsSpan(0, Length);

        public void Dispose() => ArrayPool<byte>.Shared.Return(Buffer);
    }
}
