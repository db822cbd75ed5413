namespace Mtlc.Runtime.Data.Images;

/// <summary>The five row filters of PNG (ISO/IEC 15948, 9.2), both ways.</summary>
internal static class PngFilter
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
            if (filter == 2) return true;
            if (filter == 4) filter = 1;
            if (filter == 3) above = new byte[row.Length];
        }
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (var i = stride; i < row.Length; i++) row[i] += row[i - stride];
                return true;
            case 2:
                for (var i = 0; i < row.Length; i++) row[i] += above[i];
                return true;
            case 3:
                for (var i = 0; i < Math.Min(stride, row.Length); i++) row[i] += (byte)(above[i] >> 1);
                for (var i = stride; i < row.Length; i++) row[i] += (byte)(row[i - stride] + above[i] >> 1);
                return true;
            case 4:
                for (var i = 0; i < Math.Min(stride, row.Length); i++) row[i] += above[i];
                for (var i = stride; i < row.Length; i++)
                    row[i] += (byte)Paeth(row[i - stride], above[i], above[i - stride]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Filters a row for writing, into <paramref name="into"/>.</summary>
    public static void Apply(byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int stride, Span<byte> into)
    {
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= stride ? row[i - stride] : 0, up = above[i], corner = i >= stride ? above[i - stride] : 0;
            into[i] = (byte)(row[i] - filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => left + up >> 1,
                _ => Paeth(left, up, corner),
            });
        }
    }

    static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
