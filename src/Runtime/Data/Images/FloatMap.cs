using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Images;

/// <summary>One number a pixel, as `.npy` and `.pfm` files hold depth.</summary>
/// <param name="Values">Height * Width numbers, row-major, top row first.</param>
public sealed partial record FloatMap(int Height, int Width, float[] Values)
{
    /// <summary>Reads a NumPy file (format 1 to 3) of shape (height, width), C order, little-endian float32, float64 or
    /// uint16.</summary>
    /// <exception cref="DataException">Anything else, or not exactly as long as its header says.</exception>
    public static FloatMap ReadNpy(string path)
    {
        var bytes = DataFile.ReadBytes(path).AsSpan();
        if (bytes.Length < 10 || !bytes.StartsWith([(byte)0x93, .. "NUMPY"u8]))
            throw new DataException($"{path}: not a NumPy file (.npy), or cut off in its first bytes");
        var major = bytes[6];
        var prefix = major == 1 ? 10 : 12;
        if (major is < 1 or > 3)
            throw new DataException($"{path}: NumPy format {major} is unknown; 1, 2 and 3 are read");
        var length =
            major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..])
            : bytes.Length < prefix ? uint.MaxValue
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > Math.Min(bytes.Length - prefix, 65535))
            throw new DataException($"{path}: truncated: its header ends early");
        var text = Encoding.UTF8.GetString(bytes.Slice(prefix, (int)length));
        var header = NpyHeader().Match(text);
        if (!header.Success)
            throw new DataException($"{path}: the NumPy header {Shown(text)} is not that of a plain two-dimensional array");
        if (header.Groups["fortran"].Value != "False")
            throw new DataException($"{path}: the array is in Fortran order; save numpy.ascontiguousarray(a)");
        var (height, width) = (Side(header.Groups["h"].Value), Side(header.Groups["w"].Value));
        DataFile.CheckSize(path, height, width);
        var type = header.Groups["type"].Value;
        var size = type switch
        {
            "<f4" => 4,
            "<f8" => 8,
            "<u2" => 2,
            _ => throw new DataException(
                $"{path}: numbers of type {type}; float32 (<f4), float64 (<f8) and uint16 (<u2) are read"
            ),
        };
        var data = Exactly(path, bytes[(prefix + (int)length)..], height * width * size);
        var values = new float[height * width];
        for (var i = 0; i < values.Length; i++)
            values[i] = size switch
            {
                4 => BinaryPrimitives.ReadSingleLittleEndian(data[(i * 4)..]),
                8 => (float)BinaryPrimitives.ReadDoubleLittleEndian(data[(i * 8)..]),
                _ => BinaryPrimitives.ReadUInt16LittleEndian(data[(i * 2)..]),
            };
        return new FloatMap((int)height, (int)width, values);
    }

    /// <summary>
    /// Reads a portable float map of one channel ("Pf"), in which the bottom row comes first and the sign of the scale tells the
    /// byte order. Its absolute value is a unit that readers by custom leave alone. </summary>
    /// <exception cref="DataException">Another kind of file, or not exactly as long as its header says.</exception>
    public static FloatMap ReadPfm(string path)
    {
        var bytes = DataFile.ReadBytes(path).AsSpan();
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 200)]);
        var header = PfmHeader().Match(head);
        if (!header.Success)
            throw new DataException(
                head.StartsWith("PF", StringComparison.Ordinal)
                    ? $"{path}: a float map in colour (PF); depth has one channel (Pf)"
                    : $"{path}: not a portable float map (.pfm), or cut off in its header"
            );
        var (height, width) = (Side(header.Groups["h"].Value), Side(header.Groups["w"].Value));
        DataFile.CheckSize(path, height, width);
        if (
            !double.TryParse(header.Groups["scale"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale)
            || scale == 0
            || !double.IsFinite(scale)
        )
            throw new DataException(
                $"{path}: the scale {Shown(header.Groups["scale"].Value)} of a float map is a number other than 0"
            );
        var data = Exactly(path, bytes[header.Length..], height * width * 4);
        var values = new float[height * width];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var at = data[(int)(((height - 1 - y) * width + x) * 4)..];
            values[y * width + x] =
                scale < 0 ? BinaryPrimitives.ReadSingleLittleEndian(at) : BinaryPrimitives.ReadSingleBigEndian(at);
        }
        return new FloatMap((int)height, (int)width, values);
    }

    static long Side(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : long.MaxValue;

    static ReadOnlySpan<byte> Exactly(string path, ReadOnlySpan<byte> data, long length) =>
        data.Length == length
            ? data
            : throw new DataException(
                $"{path}: {(data.Length < length ? "truncated" : "too long")}: {data.Length} bytes of numbers where its "
                    + $"header promises {length}"
            );

    static string Shown(string text) => $"'{(text.Length > 60 ? text[..60] + "..." : text).Trim()}'";

    [GeneratedRegex(
        """
            ^\{'descr': '(?<type>[^']*)', 'fortran_order': (?<fortran>True|False), 'shape': \((?<h>\d+), (?<w>\d+)\), \} *\n?$
            """
    )]
    private static partial Regex NpyHeader();

    [GeneratedRegex(@"^Pf\s+(?<w>\d+)\s+(?<h>\d+)\s+(?<scale>[-+.0-9eE]+)\s")]
    private static partial Regex PfmHeader();
}
