namespace Mtlc.Compiler.Ir;

/// <summary>How far a network reduces its input.</summary>
public static class OutputStrides
{
    /// <summary>The largest denominator among its features: what sizes must divide by.</summary>
    public static int Largest(Graph graph) => graph.Nodes
        .Where(n => !n.Shape.Height.IsFixed)
        .Select(n => Math.Max(n.Shape.Height.Denominator, n.Shape.Width.Denominator))
        .DefaultIfEmpty(1).Max();
}
