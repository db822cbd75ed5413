using System.Text;

namespace Mtlc.Tests.Weights;

/// <summary>
/// Weights, pictures and labels as functions of a name and an index, exactly as tests/reference/rule.py makes them for PyTorch:
/// u(name, i) = (splitmix64(fnv1a64(name) + i) >> 40) / 2^24, computed in double precision and rounded to float32 once.
/// </summary>
static class Rule
{
    const int Cell = 8;
    static readonly double[] Mean = [0.485, 0.456, 0.406];
    static readonly double[] Deviation = [0.229, 0.224, 0.225];

    public static double Uniform(string name, long index) => Uniform(Hash(name), index);

    static double Uniform(ulong hash, long index)
    {
        var z = hash + (ulong)index + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 40) / 16_777_216.0;
    }

    static ulong Hash(string name) =>
        Encoding.UTF8.GetBytes(name).Aggregate(0xCBF29CE484222325, (hash, octet) => (hash ^ octet) * 0x100000001B3);

    /// <summary>A parameter's or buffer's elements in row-major order, by the last word of its name and its rank.</summary>
    public static float[] Parameter(string name, IReadOnlyList<int> shape)
    {
        var (hash, kind) = (Hash(name), name[(name.LastIndexOf('.') + 1)..]);
        var values = new float[shape.Aggregate(1, (product, size) => product * size)];
        // Matrices of encoders are scaled as convolutions are; those of the classifiers in the archives are not.
        var isWeight = shape.Count == 4 || (shape.Count == 2 && name.StartsWith("trunk.", StringComparison.Ordinal));
        var bound = isWeight ? Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1, (product, size) => product * size)) : 0;
        for (var i = 0; i < values.Length; i++)
        {
            var r = 2 * Uniform(hash, i) - 1;
            values[i] = (float)(
                isWeight
                    ? r * bound
                    : kind switch
                    {
                        "weight" => 1 + 0.2 * r,
                        "running_var" => 1 + 0.5 * r,
                        "num_batches_tracked" => 0,
                        _ => 0.1 * r,
                    }
            );
        }
        return values;
    }

    /// <summary>float32 [batch, 3, height, width], normalised: coloured cells with noise; picture n has 1/(n + 1) of the
    /// contrast.</summary>
    public static float[] Pictures(int batch, int height, int width)
    {
        var (cells, pixels) = (Hash("image.cells"), Hash("image.pixels"));
        var values = new float[batch * 3 * height * width];
        for (var n = 0; n < batch; n++)
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        for (var c = 0; c < 3; c++)
        {
            var coarse = Math.Floor(224 * Uniform(cells, CellOf(n, y, x, height, width) * 3 + c) / (n + 1));
            var fine = Math.Floor(24 * Uniform(pixels, ((n * height + y) * width + x) * 3 + c));
            values[((n * 3 + c) * height + y) * width + x] = (float)(((coarse + fine) / 255.0 - Mean[c]) / Deviation[c]);
        }
        return values;
    }

    /// <summary>int64 [batch, height, width]: one class a cell, some cells unlabelled.</summary>
    public static long[] Classes(int batch, int height, int width, int count, int ignore = 255)
    {
        var cells = Hash("classes.cells");
        return PerPixel(
            batch,
            height,
            width,
            (_, cell) => (long)Math.Floor((count + 1) * Uniform(cells, cell)) is var c && c == count ? ignore : c
        );
    }

    /// <summary>float32 [batch, height, width]: 4 to 66 metres, NaN for one pixel in sixteen.</summary>
    public static float[] Metres(int batch, int height, int width)
    {
        var (cells, pixels, valid) = (Hash("metres.cells"), Hash("metres.pixels"), Hash("metres.valid"));
        return PerPixel(
            batch,
            height,
            width,
            (pixel, cell) =>
                Uniform(valid, pixel) < 1 / 16.0 ? float.NaN : (float)(4 + 60 * Uniform(cells, cell) + 2 * Uniform(pixels, pixel))
        );
    }

    /// <summary>Where a tensor of this many elements is sampled.</summary>
    public static long[] Positions(string name, long size, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (long)Math.Floor(Uniform("positions." + name, i) * size))];

    static long CellOf(int n, int y, int x, int height, int width) =>
        (n * (height / Cell) + y / Cell) * (width / Cell) + x / Cell;

    static T[] PerPixel<T>(int batch, int height, int width, Func<long, long, T> value)
    {
        var values = new T[batch * height * width];
        for (var n = 0; n < batch; n++)
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var pixel = (n * height + y) * width + x;
            values[pixel] = value(pixel, CellOf(n, y, x, height, width));
        }
        return values;
    }
}
