using System.Numerics;
using System.Runtime.CompilerServices;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch.Native;

namespace Mtlc.Runtime.Torch;

/// <summary>The three steps of <see cref="WinogradConvolution"/> on a block of tiles, in the processor's vectors.</summary>
static unsafe class WinogradSteps
{
    /// <summary>Rows that are multiplied at once.</summary>
    public const int Rows = 6;

    /// <summary>Numbers that the processor's vectors hold.</summary>
    public static int Lanes => Vector<float>.Count;

    /// <summary>Columns that are multiplied at once.</summary>
    public static int Panel => 2 * Lanes;

    /// <summary>A map whose channels lie next to each other; the numbers are distances of its pictures, rows and
    /// pixels.</summary>
    public struct Map
    {
        public float* Values;
        public long Picture,
            Row,
            Pixel;

        public readonly float* At(int picture, int row, int column) => Values + picture * Picture + row * Row + column * Pixel;
    }

    public struct Work
    {
        public Map Input,
            Residual,
            Result;
        public float* Weight,
            Bias,
            Zeros,
            Scratch;
        public int Channels,
            Results,
            Height,
            Width,
            Dilation; // of the convolution
        public int RowLength,
            Columns; // of a tile in each of the 36 matrices, and of its products
        public long OfTiles,
            OfProducts; // from one of the 36 matrices to the next
        public int Tiles,
            Blocks,
            NextBlock;
        public bool Relu;

        /// <summary>Numbers that each thread needs for what lies between the steps.</summary>
        public readonly long ScratchOfThread => 36 * (OfTiles + OfProducts);
    }

    /// <summary>Takes one block of tiles after the other, until all are taken.</summary>
    /// <param name="state">A <see cref="Work"/>, which all threads share.</param>
    public static void Run(void* state, int thread, int threads)
    {
        var work = (Work*)state;
        var tiles = work->Scratch + thread * work->ScratchOfThread;
        var products = tiles + 36 * work->OfTiles;
        while (Interlocked.Increment(ref work->NextBlock) - 1 is var block && block < work->Blocks)
        {
            var (from, to) = TorchThreads.Share(work->Tiles, block, work->Blocks);
            TransformInputs(work, from, to, tiles);
            Multiply(work, to - from, tiles, products);
            TransformProducts(work, from, to, products);
        }
    }

    // The picture that a tile lies in, and the row and column of its first result.
    static (int Picture, int Row, int Column) Place(Work* work, int tile)
    {
        var (d, down, across) = (
            work->Dilation,
            (int)Winograd.Side(work->Dilation, work->Height),
            (int)Winograd.Side(work->Dilation, work->Width)
        );
        (tile, var x) = Math.DivRem(tile, across);
        (tile, var y) = Math.DivRem(tile, down);
        (tile, var column) = Math.DivRem(tile, d);
        (tile, var row) = Math.DivRem(tile, d);
        return (tile, row + 4 * d * y, column + 4 * d * x);
    }

    // B^T d B of each tile d.
    static void TransformInputs(Work* work, int from, int to, float* tiles)
    {
        var between = stackalloc Vector<float>[36];
        var pixels = stackalloc float*[36];
        for (var tile = from; tile < to; tile++, tiles += work->RowLength)
        {
            var (picture, row, column) = Place(work, tile);
            for (var p = 0; p < 36; p++)
            {
                var (y, x) = (row + work->Dilation * (p / 6 - 1), column + work->Dilation * (p % 6 - 1));
                pixels[p] = y >= 0 && y < work->Height && x >= 0 && x < work->Width ? work->Input.At(picture, y, x) : work->Zeros;
            }
            TransformInput(pixels, work->Channels, between, tiles, work->OfTiles);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformInput(float** pixels, int channels, Vector<float>* between, float* tile, long distance)
    {
        for (var c = 0; c < channels; c += Lanes)
        {
            var count = channels - c;
            for (var x = 0; x < 6; x++)
            {
                var d = pixels + x;
                OfInput(
                    Load(d[0] + c, count),
                    Load(d[6] + c, count),
                    Load(d[12] + c, count),
                    Load(d[18] + c, count),
                    Load(d[24] + c, count),
                    Load(d[30] + c, count),
                    (float*)(between + x),
                    6 * Lanes
                );
            }
            for (var y = 0; y < 6; y++)
            {
                var d = between + 6 * y;
                OfInput(d[0], d[1], d[2], d[3], d[4], d[5], tile + 6 * y * distance + c, distance);
            }
        }
    }

    // Lavin and Gray, section 4.1: the rows of B^T, written so far apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void OfInput(
        Vector<float> d0,
        Vector<float> d1,
        Vector<float> d2,
        Vector<float> d3,
        Vector<float> d4,
        Vector<float> d5,
        float* v,
        long distance
    )
    {
        var (even, odd) = (d4 - 4 * d2, d3 - 4 * d1);
        var (near, far) = (d4 - d2, 2 * (d3 - d1));
        (4 * d0 - 5 * d2 + d4).Store(v);
        (even + odd).Store(v + distance);
        (even - odd).Store(v + 2 * distance);
        (near + far).Store(v + 3 * distance);
        (near - far).Store(v + 4 * distance);
        (4 * d1 - 5 * d3 + d5).Store(v + 5 * distance);
    }

    // Each of the 36 matrices, tiles by channels, times its weights, channels by results.
    static void Multiply(Work* work, int count, float* tiles, float* products)
    {
        var weight = work->Weight;
        for (var matrix = 0; matrix < 36; matrix++, tiles += work->OfTiles, products += work->OfProducts)
        {
            for (var column = 0; column < work->Columns; column += Panel, weight += work->Channels * Panel)
            {
                // Rows behind the last tile are computed from whatever lies there, and not read.
                for (var row = 0; row < count; row += Rows)
                    Multiply(
                        tiles + row * work->RowLength,
                        work->RowLength,
                        weight,
                        work->Channels,
                        products + row * work->Columns + column,
                        work->Columns
                    );
            }
        }
    }

    // Six rows of tiles times two vectors of columns: twelve sums, which stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply(float* a, long row, float* b, int channels, float* c, long columns)
    {
        Vector<float> c00 = default,
            c01 = default,
            c10 = default,
            c11 = default,
            c20 = default,
            c21 = default;
        Vector<float> c30 = default,
            c31 = default,
            c40 = default,
            c41 = default,
            c50 = default,
            c51 = default;
        var a3 = a + 3 * row;
        var twice = 2 * row;
        for (long k = 0; k < channels; k++, b += Panel)
        {
            var b0 = Vector.Load(b);
            var b1 = Vector.Load(b + Lanes);
            var value = Vector.Create(a[k]);
            c00 = Vector.FusedMultiplyAdd(b0, value, c00);
            c01 = Vector.FusedMultiplyAdd(b1, value, c01);
            value = Vector.Create(a[k + row]);
            c10 = Vector.FusedMultiplyAdd(b0, value, c10);
            c11 = Vector.FusedMultiplyAdd(b1, value, c11);
            value = Vector.Create(a[k + twice]);
            c20 = Vector.FusedMultiplyAdd(b0, value, c20);
            c21 = Vector.FusedMultiplyAdd(b1, value, c21);
            value = Vector.Create(a3[k]);
            c30 = Vector.FusedMultiplyAdd(b0, value, c30);
            c31 = Vector.FusedMultiplyAdd(b1, value, c31);
            value = Vector.Create(a3[k + row]);
            c40 = Vector.FusedMultiplyAdd(b0, value, c40);
            c41 = Vector.FusedMultiplyAdd(b1, value, c41);
            value = Vector.Create(a3[k + twice]);
            c50 = Vector.FusedMultiplyAdd(b0, value, c50);
            c51 = Vector.FusedMultiplyAdd(b1, value, c51);
        }
        Put(c00, c01, c);
        Put(c10, c11, c + columns);
        Put(c20, c21, c + 2 * columns);
        Put(c30, c31, c + 3 * columns);
        Put(c40, c41, c + 4 * columns);
        Put(c50, c51, c + 5 * columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(Vector<float> first, Vector<float> second, float* to)
    {
        first.Store(to);
        second.Store(to + Lanes);
    }

    // A^T m A of each tile's products m, and what follows: bias, residual, ReLU.
    static void TransformProducts(Work* work, int from, int to, float* products)
    {
        var between = stackalloc Vector<float>[24];
        for (var tile = from; tile < to; tile++, products += work->Columns)
            TransformProduct(work, Place(work, tile), between, products);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TransformProduct(Work* work, (int Picture, int Row, int Column) place, Vector<float>* between, float* products)
    {
        var (step, d) = (6 * work->OfProducts, work->Dilation);
        for (var k = 0; k < work->Results; k += Lanes)
        {
            var count = work->Results - k;
            var bias = work->Bias == null ? default : Load(work->Bias + k, count);
            for (var x = 0; x < 6; x++)
            {
                var m = products + x * work->OfProducts + k;
                OfProduct(
                    Vector.Load(m),
                    Vector.Load(m + step),
                    Vector.Load(m + 2 * step),
                    Vector.Load(m + 3 * step),
                    Vector.Load(m + 4 * step),
                    Vector.Load(m + 5 * step),
                    out between[x],
                    out between[6 + x],
                    out between[12 + x],
                    out between[18 + x]
                );
            }
            for (int y = 0, row = place.Row; y < 4 && row < work->Height; y++, row += d)
            {
                var m = between + 6 * y;
                OfProduct(m[0], m[1], m[2], m[3], m[4], m[5], out var y0, out var y1, out var y2, out var y3);
                Finish(work, y0 + bias, place.Picture, row, place.Column, k, count);
                Finish(work, y1 + bias, place.Picture, row, place.Column + d, k, count);
                Finish(work, y2 + bias, place.Picture, row, place.Column + 2 * d, k, count);
                Finish(work, y3 + bias, place.Picture, row, place.Column + 3 * d, k, count);
            }
        }
    }

    // Lavin and Gray, section 4.1: the rows of A^T.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void OfProduct(
        Vector<float> m0,
        Vector<float> m1,
        Vector<float> m2,
        Vector<float> m3,
        Vector<float> m4,
        Vector<float> m5,
        out Vector<float> y0,
        out Vector<float> y1,
        out Vector<float> y2,
        out Vector<float> y3
    )
    {
        var (nearSum, nearDifference, farSum, farDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        y0 = m0 + nearSum + farSum;
        y1 = nearDifference + 2 * farDifference;
        y2 = nearSum + 4 * farSum;
        y3 = nearDifference + 8 * farDifference + m5;
    }

    // Tiles may reach over the border.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(Work* work, Vector<float> value, int picture, int row, int column, int k, int count)
    {
        if (column >= work->Width)
            return;
        if (work->Residual.Values != null)
            value += Load(work->Residual.At(picture, row, column) + k, count);
        if (work->Relu)
            // What is no number stays none.
            value = Vector.ConditionalSelect(Vector.LessThan(value, Vector<float>.Zero), Vector<float>.Zero, value);
        var to = work->Result.At(picture, row, column) + k;
        if (count >= Lanes)
        {
            value.Store(to);
            return;
        }
        for (var i = 0; i < count; i++)
            to[i] = value[i];
    }

    /// <summary>The next numbers, and zeros behind the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<float> Load(float* from, int count) => count >= Lanes ? Vector.Load(from) : LoadLast(from, count);

    static Vector<float> LoadLast(float* from, int count)
    {
        var last = Vector<float>.Zero;
        for (var i = 0; i < count; i++)
            last = last.WithElement(i, from[i]);
        return last;
    }
}
