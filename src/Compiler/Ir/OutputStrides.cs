namespace Mtlc.Compiler.Ir;

/// <summary>How far a network reduces its input.</summary>
public static class OutputStrides
{
    /// <summary>What sizes must divide by, so that every feature is a whole fraction of them: the least common multiple of the
    /// denominators.</summary>
    public static int Of(Graph graph) =>
        graph
            .Nodes.SelectMany(n => new[] { n.Shape.Height, n.Shape.Width })
            .Where(e => !e.IsFixed)
            .Select(e => e.Denominator)
            .Distinct()
            .Aggregate(1, LeastCommonMultiple);

    /// <summary>The least multiple of a stride that holds so many pixels.</summary>
    public static long Padded(long pixels, int stride) => (pixels + stride - 1) / stride * stride;

    static int LeastCommonMultiple(int a, int b) => checked(a / Extent.Gcd(a, b) * b);
}
