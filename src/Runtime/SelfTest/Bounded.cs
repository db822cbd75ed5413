using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// A matrix in double precision, and beside each number how far a computation in single precision may be from it. Sums of n
/// products in any order, fused or not, are off by at most n u / (1 - n u) of the sum of the products' sizes (Higham, Accuracy
/// and Stability of Numerical Algorithms, 2002, section 3.1): with fewer than some 4000 terms that is less than one term of
/// average size, so that a single one that is lost or counted twice is found. </summary>
/// <param name="Values">[rows, columns]</param>
/// <param name="Errors">Of the same layout; nothing negative.</param>
sealed record Bounded(int Rows, int Columns, double[] Values, double[] Errors)
{
    /// <summary>Half the distance from 1 to the next single-precision number.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>How far so many roundings, one after the other, can lead: the share of what is rounded.</summary>
    public static double Gamma(double roundings) => roundings * Unit / (1 - roundings * Unit);

    public double this[int row, int column] => Values[row * Columns + column];

    /// <summary>Numbers that are exact.</summary>
    public static Bounded Exact(int rows, int columns, ReadOnlySpan<float> values)
    {
        var exact = new double[rows * columns];
        for (var i = 0; i < exact.Length; i++)
            exact[i] = values[i];
        return new(rows, columns, exact, new double[exact.Length]);
    }

    /// <summary>The same matrix with rows for columns.</summary>
    public Bounded Transposed()
    {
        var (values, errors) = (new double[Values.Length], new double[Values.Length]);
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                (values[column * Rows + row], errors[column * Rows + row]) = (
                    Values[row * Columns + column],
                    Errors[row * Columns + column]
                );
        }
        return new(Columns, Rows, values, errors);
    }

    /// <summary>The product of two matrices.</summary>
    /// <param name="arithmetic">How the products are rounded.</param>
    /// <param name="more">Roundings of each sum beside those of its terms.</param>
    public static Bounded Product(Bounded a, Bounded b, Arithmetic arithmetic, int more = 0)
    {
        var (values, errors) = (new double[a.Rows * b.Columns], new double[a.Rows * b.Columns]);
        Multiply(a.Rows, a.Columns, b.Columns, a.Values, b.Values, values);
        var (sizesA, sizesB) = (Array.ConvertAll(a.Values, Math.Abs), Array.ConvertAll(b.Values, Math.Abs));
        Multiply(a.Rows, a.Columns, b.Columns, sizesA, sizesB, errors);
        var share = arithmetic.OfSum(a.Columns + more);
        for (var i = 0; i < errors.Length; i++)
            errors[i] *= share;
        if (Array.Exists(a.Errors, e => e > 0))
            Multiply(a.Rows, a.Columns, b.Columns, a.Errors, sizesB, errors);
        if (Array.Exists(b.Errors, e => e > 0))
            Multiply(a.Rows, a.Columns, b.Columns, sizesA, b.Errors, errors);
        return new(a.Rows, b.Columns, values, errors);
    }

    // c += a b. Fast from the first call on: a self-test makes no second.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply(int rows, int inner, int columns, double[] a, double[] b, double[] c)
    {
        for (var row = 0; row < rows; row++)
        {
            var to = c.AsSpan(row * columns, columns);
            for (var k = 0; k < inner; k++)
            {
                if (a[row * inner + k] is var factor and not 0)
                    Add(factor, b.AsSpan(k * columns, columns), to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add(double factor, ReadOnlySpan<double> from, Span<double> to)
    {
        var i = 0;
        for (; i <= to.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(to[i..]) + factor * new Vector<double>(from[i..])).CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] += factor * from[i];
    }
}
