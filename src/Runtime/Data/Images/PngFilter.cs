using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mtlc.Runtime.Data.Images;

/// <summary>The five row filters of PNG (ISO/IEC 15948, 9.2), both ways.</summary>
static class PngFilter
{
    /// <summary>Turns a filtered row into samples, in place.</summary>
    /// <param name="above">The row above, already undone; empty for the first row, which counts as zeros.</param>
    /// <param name="stride">Bytes a pixel, at least 1.</param>
    /// <returns>False where the filter's number is unknown.</returns>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int stride)
    {
        if (above.IsEmpty)
        {
            // Above a first row lie zeros: Up does nothing, Paeth predicts the left neighbour.
            if (filter == 2)
                return true;
            if (filter == 4)
                filter = 1;
            if (filter == 3)
                above = new byte[row.Length];
        }
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (var i = stride; i < row.Length; i++)
                    row[i] += row[i - stride];
                return true;
            case 2:
                Up(row, above);
                return true;
            case 3:
                for (var i = 0; i < Math.Min(stride, row.Length); i++)
                    row[i] += (byte)(above[i] >> 1);
                for (var i = stride; i < row.Length; i++)
                    row[i] += (byte)(row[i - stride] + above[i] >> 1);
                return true;
            case 4:
                UndoPaeth(row, above, stride);
                return true;
            default:
                return false;
        }
    }

    static void Up(Span<byte> row, ReadOnlySpan<byte> above)
    {
        var rows = MemoryMarshal.Cast<byte, Vector<byte>>(row);
        var aboves = MemoryMarshal.Cast<byte, Vector<byte>>(above[..row.Length]);
        for (var i = 0; i < rows.Length; i++)
            rows[i] += aboves[i];
        for (var i = rows.Length * Vector<byte>.Count; i < row.Length; i++)
            row[i] += above[i];
    }

    // Each sample waits for its left neighbour: all samples of a pixel go together, in 16 bits, without a branch (as libpng does
    // it).
    static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int stride)
    {
        Vector128<short> left = default,
            corner = default;
        for (var i = 0; i < row.Length; i += stride)
        {
            var up = Pixel(above, i);
            var (toLeft, toUp) = (up - corner, left - corner);
            var toCorner = Vector128.Abs(toLeft + toUp);
            (toLeft, toUp) = (Vector128.Abs(toLeft), Vector128.Abs(toUp));
            var nearest = Vector128.Min(toCorner, Vector128.Min(toLeft, toUp));
            var predicted = Vector128.ConditionalSelect(
                Vector128.Equals(nearest, toLeft),
                left,
                Vector128.ConditionalSelect(Vector128.Equals(nearest, toUp), up, corner)
            );
            left = Pixel(row, i) + predicted & Vector128.Create((short)255);
            corner = up;
            var samples = Vector128.Narrow(left.AsUInt16(), left.AsUInt16()).AsUInt64().ToScalar();
            for (var c = 0; c < stride; c++)
                row[i + c] = (byte)(samples >> 8 * c);
        }
    }

    // Up to eight samples; those beyond the pixel count for nothing.
    static Vector128<short> Pixel(ReadOnlySpan<byte> row, int at)
    {
        ulong samples = 0;
        if (row.Length - at >= 8)
            samples = BinaryPrimitives.ReadUInt64LittleEndian(row[at..]);
        else
            for (var c = row.Length - 1; c >= at; c--)
                samples = samples << 8 | row[c];
        return Vector128.WidenLower(Vector128.CreateScalar(samples).AsByte()).AsInt16();
    }

    /// <summary>Filters a row for writing, into <paramref name="into"/>.</summary>
    public static void Apply(byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int stride, Span<byte> into)
    {
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= stride ? row[i - stride] : 0,
                up = above[i],
                corner = i >= stride ? above[i - stride] : 0;
            into[i] = (byte)(
                row[i]
                - filter switch
                {
                    0 => 0,
                    1 => left,
                    2 => up,
                    3 => left + up >> 1,
                    _ => Paeth(left, up, corner),
                }
            );
        }
    }

    static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner),
            toUp = Math.Abs(left - corner),
            toCorner = Math.Abs(left + up - 2 * corner);
        return toLeft <= toUp && toLeft <= toCorner ? left
            : toUp <= toCorner ? up
            : corner;
    }
}
