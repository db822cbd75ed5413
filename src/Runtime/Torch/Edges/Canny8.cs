using System.Buffers;

namespace Mtlc.Runtime.Torch.Edges;

/// <summary>
/// Canny's edge detector (Canny 1986) on 8-bit colour, bit for bit what OpenCV's <c>cv.Canny(rgb, low, high)</c> gives: 3x3 Sobel
/// with a replicated border, |dx| + |dy|, at each pixel the channel in which that is largest (the first of equals), non-maximum
/// suppression in four directions with the tangents of 22.5 and 67.5 degrees in fixed point, and hysteresis over eight
/// neighbours. </summary>
static class Canny8
{
    const byte Suppressed = 0,
        Weak = 1,
        Strong = 2;

    // tan(22.5 deg) in 15 fractional bits, OpenCV's rounding; tan(67.5 deg) = tan(22.5 deg) + 2.
    const int Shift = 15;
    const int Tangent = (int)(0.4142135623730950488016887242097 * (1 << Shift) + 0.5);

    /// <param name="rgb">height * width * 3 bytes, interleaved.</param>
    /// <param name="low">Gradient from above which a pixel continues an edge.</param>
    /// <param name="high">Gradient from above which a pixel starts an edge; the two are exchanged if low is larger.</param>
    /// <param name="edges">height * width floats: receives 1 on edges and 0 elsewhere.</param>
    public static void Detect(ReadOnlySpan<byte> rgb, int height, int width, double low, double high, Span<float> edges)
    {
        var (continues, starts) = ((int)Math.Floor(Math.Min(low, high)), (int)Math.Floor(Math.Max(low, high)));
        // All planes have a frame of one pixel: magnitude 0 and suppressed, so that no neighbour needs a check.
        var stride = width + 2;
        var size = stride * (height + 2);
        var (dx, dy) = (ArrayPool<short>.Shared.Rent(size), ArrayPool<short>.Shared.Rent(size));
        var (magnitude, map) = (ArrayPool<int>.Shared.Rent(size), ArrayPool<byte>.Shared.Rent(size));
        Array.Clear(magnitude, 0, size);
        Array.Clear(map, 0, size);
        Gradients(rgb, height, width, dx, dy, magnitude);
        var open = new Stack<int>();
        for (var y = 1; y <= height; y++)
        {
            for (var i = y * stride + 1; i <= y * stride + width; i++)
            {
                if (magnitude[i] <= continues || !IsMaximum(magnitude, i, stride, dx[i], dy[i]))
                    continue;
                map[i] = magnitude[i] > starts ? Strong : Weak;
                if (map[i] == Strong)
                    open.Push(i);
            }
        }
        Follow(map, stride, open);
        for (var y = 0; y < height; y++)
        {
            var row = map.AsSpan((y + 1) * stride + 1, width);
            for (var x = 0; x < width; x++)
                edges[y * width + x] = row[x] == Strong ? 1 : 0;
        }
        ArrayPool<short>.Shared.Return(dx);
        ArrayPool<short>.Shared.Return(dy);
        ArrayPool<int>.Shared.Return(magnitude);
        ArrayPool<byte>.Shared.Return(map);
    }

    static bool IsMaximum(int[] magnitude, int i, int stride, int dx, int dy)
    {
        var m = magnitude[i];
        var (ax, ay) = (Math.Abs(dx), Math.Abs(dy) << Shift);
        var shallow = ax * Tangent;
        if (ay < shallow)
            return m > magnitude[i - 1] && m >= magnitude[i + 1];
        if (ay > shallow + (ax << (Shift + 1)))
            return m > magnitude[i - stride] && m >= magnitude[i + stride];
        var side = (dx ^ dy) < 0 ? -1 : 1;
        return m > magnitude[i - stride - side] && m > magnitude[i + stride + side];
    }

    static void Follow(byte[] map, int stride, Stack<int> open)
    {
        ReadOnlySpan<int> around = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
        while (open.TryPop(out var i))
        {
            foreach (var offset in around)
            {
                if (map[i + offset] != Weak)
                    continue;
                map[i + offset] = Strong;
                open.Push(i + offset);
            }
        }
    }

    // The Sobel kernels are (1 2 1) across times (-1 0 1) along: one pass down the columns gives both halves, one along the row
    // the rest.
    static void Gradients(ReadOnlySpan<byte> rgb, int height, int width, short[] dx, short[] dy, int[] magnitude)
    {
        var smooth = new short[3 * (width + 2)];
        var differ = new short[3 * (width + 2)];
        for (var y = 0; y < height; y++)
        {
            var above = rgb.Slice(Math.Max(y - 1, 0) * width * 3, width * 3);
            var here = rgb.Slice(y * width * 3, width * 3);
            var below = rgb.Slice(Math.Min(y + 1, height - 1) * width * 3, width * 3);
            for (var i = 0; i < here.Length; i++)
            {
                smooth[i + 3] = (short)(above[i] + 2 * here[i] + below[i]);
                differ[i + 3] = (short)(below[i] - above[i]);
            }
            Replicate(smooth);
            Replicate(differ);
            var first = (y + 1) * (width + 2) + 1;
            for (var x = 0; x < width; x++)
            {
                var best = -1;
                for (var i = 3 * x; i < 3 * x + 3; i++)
                {
                    var gx = smooth[i + 6] - smooth[i];
                    var gy = differ[i] + 2 * differ[i + 3] + differ[i + 6];
                    var norm = Math.Abs(gx) + Math.Abs(gy);
                    if (norm <= best)
                        continue;
                    best = norm;
                    (dx[first + x], dy[first + x]) = ((short)gx, (short)gy);
                }
                magnitude[first + x] = best;
            }
        }
    }

    static void Replicate(Span<short> row)
    {
        row[3..6].CopyTo(row);
        row[^6..^3].CopyTo(row[^3..]);
    }
}
