namespace Mtlc.Compiler.Ir;

/// <summary>How much a graph is given at once.</summary>
/// <param name="Threads">That compute together on the CPU, each with memory of its own for what lies between the steps of an
/// operation.</param>
public sealed record Workload(int Batch, int Height, int Width, int Threads = 2)
{
    /// <summary>Of a float32 map of this shape.</summary>
    public long Bytes(TensorShape shape) => 4L * Batch * shape.Elements(Height, Width);

    /// <summary>Of a node's value.</summary>
    public long Bytes(Node node) => node.Precision == Precision.Float32 ? Bytes(node.Shape) : Bytes(node.Shape) / 2;

    public static long Bytes(Parameter parameter) => parameter.Count * (parameter.Spec.IsInteger ? 8 : 4);
}
