using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Planning;

/// <summary>How much a graph is given at once.</summary>
/// <param name="Threads">That compute together on the CPU, each with memory of its own for what lies between the steps of an operation.</param>
public sealed record Workload(int Batch, int Height, int Width, int Threads = 2)
{
    /// <summary>Of a float32 map of this shape.</summary>
    public long Bytes(TensorShape shape) => 4L * Batch * shape.Elements(Height, Width);

    /// <summary>Of a node's value.</summary>
    public long Bytes(Node node) => node.Precision == Precision.Float32 ? Bytes(node.Shape) : Bytes(node.Shape) / 2;

    internal static long Bytes(Parameter parameter) => parameter.Count * (parameter.Spec.IsInteger ? 8 : 4);

    /// <summary>
    /// What an operation needs besides operands and result, and gives back: copies in the layout that its kernel wants, the result of a convolution before
    /// another map is added to it (oneDNN in libtorch 2.10), the places of maxima, which libtorch notes (int64) even where nobody asks for them.
    /// </summary>
    /// <param name="frozen">Whether weights lie packed, and maps as the kernel wants them.</param>
    internal long Scratch(Node node, bool frozen) => node.Op switch
    {
        Conv or FusedConv when frozen && IsByTiles(node) => (IsChannelsLast(node.Inputs[0]) ? 0 : Bytes(node.Inputs[0]))
            + OfTiles(node, (conv, channels, h, w) => Winograd.Scratch(conv, channels, Batch, h, w, Threads)),
        Conv or FusedConv when frozen => (IsReadAsIs(node.Inputs[0]) ? 0 : Bytes(node.Inputs[0])) + (node.Op is FusedConv { Residual: true } ? Bytes(node) : 0),
        MaxPool when frozen => 2 * Bytes(node),
        Canny => 3 * Bytes(node.Inputs[0]) / 2, // intensities, and bytes in either layout
        Conv => Bytes(node.Inputs[0]) + Bytes(node) + Bytes(node.Parameters[0]),
        ConvTranspose => Bytes(node.Inputs[0]) + Bytes(node) + Bytes(node.Parameters[0]),
        Attend => frozen ? node.Inputs.Where(i => !IsChannelsLast(i)).Sum(Bytes) : 0,
        MaxUnpool => Bytes(node.Inputs[0]) + (frozen ? 2 * Bytes(node.Inputs[0]) : 0), // the pooled values, and where they stood
        ShiftedResize op => Bytes(node.Inputs[0].Shape) + Between(op, node),
        _ => 0,
    };

    // A frozen graph's convolutions read and write channels last; of a map that lies otherwise, libtorch's kernel makes a copy. What is made of it
    // lies as it does itself.
    private static bool IsReadAsIs(Node map) => map.Op is not Slice && IsChannelsLast(map);

    private static bool IsChannelsLast(Node map) => map.Op switch
    {
        Conv or FusedConv => true,
        Concat => map.Inputs.All(IsChannelsLast),
        _ => map.Inputs is [var first, ..] && map.Op is not Canny && IsChannelsLast(first),
    };

    /// <summary>Whether a frozen graph computes this convolution by tiles, with larger weights.</summary>
    internal bool IsByTiles(Node node) => FusedConv.Parts(node.Op).Conv is not null && OfTiles(node, Winograd.Suits);

    private T OfTiles<T>(Node node, Func<Conv, long, long, long, T> of)
    {
        var input = node.Inputs[0].Shape;
        return of(FusedConv.Parts(node.Op).Conv!, input.Channels, input.Height.Resolve(Height), input.Width.Resolve(Width));
    }

    // Columns are interpolated, rows not yet.
    private long Between(ShiftedResize op, Node node) =>
        4L * Batch * node.Shape.Channels * op.Kernel * node.Inputs[0].Shape.Height.Resolve(Height) * node.Shape.Width.Resolve(Width);

    /// <summary>The node whose memory a value lies in: its own, but for views and what overwrites.</summary>
    internal static Node Owner(Node node) => node.Op is Slice or InPlace ? Owner(node.Inputs[0]) : node;
}
