namespace Mtlc.Runtime.Data.Images;

/// <summary>Shows depth, normals and contours as colours. Pixels without a value are mid-gray.</summary>
public static class Colormap
{
    /// <summary>"magma" of S. van der Walt and N. Smith (matplotlib, CC0): perceptually even.</summary>
    static readonly byte[] Magma = Convert.FromBase64String(
        "AAAEAQAFAQEGAQEIAgEJAgILAgINAwMPAwMSBAQUBQQWBgUYBgUaBwYcCAceCQcgCggiCwkkDAkmDQopDgsrEAstEQwvEg0xEw00FA42FQ44"
            + "Fg87GA89GRA/GhBCHBBEHRFHHhFJIBFLIRFOIhFQJBJTJRJVJxJYKRFaKhFcLBFfLRFhLxFjMRFlMxBnNBBpNhBrOBBsOQ9uOw9wPQ9xPw9y"
            + "QA90Qg91RA92RRB3RxB4SRB4ShB5TBF6ThF7TxJ7URJ8UhN8VBN9VhR9VxV+WRV+WhZ+XBZ/XRd/Xxh/YBiAYhmAZBqAZRqAZxuAaByBahyB"
            + "ax2BbR2Bbh6BcB+Bch+BcyCBdSGBdiGBeCKBeSKCeyOCfCOCfiSCgCWCgSWBgyaBhCaBhieBiCeBiSiBiymBjCmBjiqBkCqBkSuBkyuAlCyA"
            + "liyAmC2AmS2Amy5/nC5/ni9/oC9/oTB+ozB+pTF+pjF9qDJ9qjN9qzN8rTR8rjR7sDV7sjV7szZ6tTZ6tzd5uDd5ujh4vDl4vTl3vzp3wDp2"
            + "wjt1xDx1xTx0xz1zyD5zyj5yzD9xzUBxz0Bw0EFv0kJv00Nu1URt1kVs2EVs2UZr20dq3Ehp3klo30po4Exn4k1m405l5E9k5VBk51Jj6FNi"
            + "6VRi6lZh61dg7Fhg7Vpf7lte711e8F9e8WBd8mJd8mRc82Vc9Gdc9Glc9Wtc9mxc9m5c93Bc93Jc+HRc+HZc+Xhd+Xld+Xtd+n1e+n9e+oFf"
            + "+4Nf+4Vg+4dh/Ilh/Ipi/Ixj/I5k/JBl/ZJm/ZRn/ZZo/Zhp/Zpq/Ztr/p1s/p9t/qFu/qNv/qVx/qdy/qlz/qp0/qx2/q53/rB4/rJ6/rR7"
            + "/rZ8/rd+/rl//ruB/r2C/r+E/sGF/sKH/sSI/saK/siM/sqN/syP/s2Q/s+S/tGU/tOV/tWX/teZ/tia/dqc/dye/d6g/eCh/eKj/eOl/eWn"
            + "/eep/emq/eus/Oyu/O6w/PCy/PK0/PS2/Pa4/Pe5/Pm7/Pu9/P2/"
    );

    const byte NoValue = 128;

    /// <summary>Depth on a logarithmic scale, near bright and far dark, so that equal ratios look equally different.</summary>
    /// <param name="metres">Height * Width metres; NaN, infinite or not positive where there is none.</param>
    /// <param name="near">Metres shown brightest.</param>
    /// <param name="far">Metres shown darkest. Fix both to compare pictures.</param>
    public static Picture Depth(int height, int width, ReadOnlySpan<float> metres, double near = 4, double far = 300)
    {
        CheckCount(height, width, metres.Length);
        var (low, scale) = (Math.Log(near), 255 / Math.Log(far / near));
        var rgb = new byte[metres.Length * 3];
        for (var p = 0; p < metres.Length; p++)
        {
            var pixel = rgb.AsSpan(p * 3, 3);
            if (!float.IsFinite(metres[p]) || metres[p] <= 0)
            {
                pixel.Fill(NoValue);
                continue;
            }
            var index = 255 - (int)Math.Round(Math.Clamp((Math.Log(metres[p]) - low) * scale, 0, 255));
            Magma.AsSpan(index * 3, 3).CopyTo(pixel);
        }
        return new Picture(height, width, rgb);
    }

    /// <summary>A range for <see cref="Depth"/>: the 2nd and 98th percentile; 4 to 300 m where nothing is labelled.</summary>
    public static (double Near, double Far) Range(params ReadOnlySpan<float[]> maps)
    {
        var values = new List<float>();
        foreach (var map in maps)
            for (var i = 0; i < map.Length; i += 1 + map.Length / 20000)
                if (float.IsFinite(map[i]) && map[i] > 0)
                    values.Add(map[i]);
        if (values.Count == 0)
            return (4, 300);
        values.Sort();
        double near = values[values.Count / 50],
            far = values[values.Count - 1 - values.Count / 50];
        return far > near * 1.1 ? (near, far) : (near / 1.1, far * 1.1);
    }

    /// <summary>Any numbers: the larger the brighter, on a linear scale; three channels are red, green and blue.</summary>
    /// <param name="numbers">Height * Width numbers, or 3 * Height * Width, planar (CHW); NaN where there is none.</param>
    /// <param name="low">Shown darkest.</param>
    /// <param name="high">Shown brightest.</param>
    public static Picture Numbers(int height, int width, ReadOnlySpan<float> numbers, double low, double high)
    {
        var pixels = height * width;
        if (numbers.Length != pixels && numbers.Length != 3 * pixels)
            throw new ArgumentException($"{numbers.Length} numbers are neither {height}x{width} nor 3 x {height} x {width}");
        var (isAlone, scale) = (numbers.Length == pixels, 255 / Math.Max(high - low, 1e-30));
        var rgb = new byte[pixels * 3];
        for (var p = 0; p < pixels; p++)
        for (var c = 0; c < 3; c++)
        {
            var number = numbers[isAlone ? p : c * pixels + p];
            var index = (int)Math.Round(Math.Clamp((number - low) * scale, 0, 255));
            rgb[p * 3 + c] =
                !float.IsFinite(number) ? NoValue
                : isAlone ? Magma[index * 3 + c]
                : (byte)index;
        }
        return new Picture(height, width, rgb);
    }

    /// <summary>A range for <see cref="Numbers"/>: the 2nd and 98th percentile; null where there is no number.</summary>
    public static (double Low, double High)? Spread(ReadOnlySpan<float> numbers)
    {
        var values = new List<float>();
        for (var i = 0; i < numbers.Length; i += 1 + numbers.Length / 20000)
            if (float.IsFinite(numbers[i]))
                values.Add(numbers[i]);
        if (values.Count == 0)
            return null;
        values.Sort();
        return (values[values.Count / 50], values[values.Count - 1 - values.Count / 50]);
    }

    /// <summary>The customary colours of normals: (x, y, z) from -1..1 to 0..255 in red, green, blue.</summary>
    /// <param name="normals">3 * Height * Width components, planar (CHW); NaN where there is none.</param>
    public static Picture Normals(int height, int width, ReadOnlySpan<float> normals)
    {
        var pixels = height * width;
        if (normals.Length != 3 * pixels)
            throw new ArgumentException($"{normals.Length} numbers are not 3 x {height} x {width}");
        var rgb = new byte[pixels * 3];
        for (var p = 0; p < pixels; p++)
        for (var c = 0; c < 3; c++)
        {
            var value = normals[c * pixels + p];
            rgb[p * 3 + c] = float.IsNaN(value) ? NoValue : (byte)Math.Round(Math.Clamp((value + 1) * 127.5, 0, 255));
        }
        return new Picture(height, width, rgb);
    }

    /// <summary>Probabilities or labels of contours, 0 black and 1 white.</summary>
    /// <param name="values">Height * Width numbers in 0..1; NaN where there is none.</param>
    public static Picture Contour(int height, int width, ReadOnlySpan<float> values)
    {
        CheckCount(height, width, values.Length);
        var rgb = new byte[values.Length * 3];
        for (var p = 0; p < values.Length; p++)
            rgb.AsSpan(p * 3, 3).Fill(float.IsNaN(values[p]) ? NoValue : (byte)Math.Round(Math.Clamp(values[p] * 255.0, 0, 255)));
        return new Picture(height, width, rgb);
    }

    static void CheckCount(int height, int width, int count)
    {
        if (count != height * width)
            throw new ArgumentException($"{count} numbers are not {height}x{width}");
    }
}
