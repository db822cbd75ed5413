using System.IO.Compression;

namespace Mtlc.Tests.Runtime.Data.Images;

/// <summary>A PNG encoder that shares nothing with the product: bits packed one by one, CRC and interlacing by the
/// book.</summary>
static class HandMadePng
{
    /// <summary>Writes integer samples (row-major, channels interleaved) with the filter numbers taken in turn, row by
    /// row.</summary>
    public static byte[] Encode(
        int height,
        int width,
        int colorType,
        int depth,
        int[] samples,
        bool interlaced = false,
        byte[]? palette = null,
        int[]? filters = null
    )
    {
        var channels = colorType switch
        {
            0 or 3 => 1,
            2 => 3,
            4 => 2,
            _ => 4,
        };
        filters ??= [0];
        var raw = new List<byte>();
        var row = 0;
        foreach (var (ys, xs) in Passes(height, width, interlaced))
        {
            byte[]? above = null;
            foreach (var y in ys)
            {
                var bits = new List<int>();
                foreach (var x in xs)
                    for (var c = 0; c < channels; c++)
                    for (var b = depth - 1; b >= 0; b--)
                        bits.Add(samples[(y * width + x) * channels + c] >> b & 1);
                while (bits.Count % 8 != 0)
                    bits.Add(0);
                var line = bits.Chunk(8).Select(b => (byte)b.Aggregate(0, (sum, bit) => sum * 2 + bit)).ToArray();
                var filter = filters[row++ % filters.Length];
                raw.Add((byte)filter);
                raw.AddRange(Filtered(line, above ?? new byte[line.Length], filter, Math.Max(1, channels * depth / 8)));
                above = line;
            }
        }
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, true))
            zlib.Write(raw.ToArray());
        return Assemble(height, width, colorType, depth, interlaced, palette, packed.ToArray());
    }

    public static byte[] Assemble(int height, int width, int colorType, int depth, bool interlaced, byte[]? palette, byte[] idat)
    {
        var file = new List<byte> { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A };
        file.AddRange(
            Chunk(
                "IHDR",
                [.. BigEndian(width), .. BigEndian(height), (byte)depth, (byte)colorType, 0, 0, (byte)(interlaced ? 1 : 0)]
            )
        );
        if (palette is not null)
            file.AddRange(Chunk("PLTE", palette));
        file.AddRange(Chunk("IDAT", idat));
        file.AddRange(Chunk("IEND", []));
        return file.ToArray();
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        var crc = 0xFFFFFFFFu;
        foreach (var b in body)
        {
            crc ^= b;
            for (var k = 0; k < 8; k++)
                crc = (crc & 1) != 0 ? 0xEDB88320u ^ crc >> 1 : crc >> 1;
        }
        return [.. BigEndian(data.Length), .. body, .. BigEndian((int)~crc)];
    }

    static byte[] BigEndian(int n) => [(byte)(n >> 24), (byte)(n >> 16), (byte)(n >> 8), (byte)n];

    static IEnumerable<(int[] Rows, int[] Columns)> Passes(int height, int width, bool interlaced)
    {
        if (!interlaced)
        {
            yield return (Enumerable.Range(0, height).ToArray(), Enumerable.Range(0, width).ToArray());
            yield break;
        }
        // The 8 x 8 pattern as the specification prints it.
        string[] pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
        for (var pass = '1'; pass <= '7'; pass++)
        {
            var rows = Enumerable.Range(0, height).Where(y => pattern[y % 8].Contains(pass)).ToArray();
            var columns = Enumerable.Range(0, width).Where(x => pattern.Any(p => p[x % 8] == pass)).ToArray();
            if (rows.Length > 0 && columns.Length > 0)
                yield return (rows, columns);
        }
    }

    static IEnumerable<byte> Filtered(byte[] line, byte[] above, int filter, int stride)
    {
        for (var i = 0; i < line.Length; i++)
        {
            int a = i < stride ? 0 : line[i - stride],
                b = above[i],
                c = i < stride ? 0 : above[i - stride];
            int pa = Math.Abs(b - c),
                pb = Math.Abs(a - c),
                pc = Math.Abs(a + b - 2 * c);
            var predicted = filter switch
            {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) / 2,
                _ => pa <= pb && pa <= pc ? a
                : pb <= pc ? b
                : c,
            };
            yield return (byte)(line[i] - predicted);
        }
    }
}
