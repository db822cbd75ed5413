using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>Which kernels libtorch's CPU runs of a graph, as far as memory depends on it.</summary>
static class KernelMemory
{
    /// <summary>
    /// What an operation needs besides operands and result, and gives back. Of a frozen graph's convolutions: copies in the
    /// layout that their kernel wants, and the result before another map is added to it (oneDNN in libtorch 2.10). </summary>
    /// <param name="frozen">Whether weights lie packed, and maps as the kernel wants them.</param>
    public static long Scratch(Node node, Workload work, bool frozen) =>
        node.Op switch
        {
            Conv or FusedConv when frozen && IsWinograd(node, work) => (
                IsChannelsLast(node.Inputs[0]) ? 0 : work.Bytes(node.Inputs[0])
            ) + OfTiles(node, work, (conv, channels, h, w) => Winograd.Scratch(conv, channels, work.Batch, h, w, work.Threads)),
            Conv or FusedConv when frozen => (IsReadAsIs(node.Inputs[0]) ? 0 : work.Bytes(node.Inputs[0]))
                + (node.Op is FusedConv { Residual: true } ? work.Bytes(node) : 0),
            var op => op.Scratch(node, work, frozen),
        };

    /// <summary>Bytes of the tensor in which a caller hands in pictures and maps together, of which the graph's inputs are
    /// copies; 0 where there are no maps, and the pictures themselves are handed in.</summary>
    public static long HandedIn(Graph graph, Workload work) =>
        graph.Nodes.Any(n => n.Op is MapInput) ? graph.Nodes.Where(n => n.Op is Image or MapInput).Sum(n => work.Bytes(n)) : 0;

    /// <summary>Whether a frozen graph computes this convolution by Winograd, with larger weights.</summary>
    public static bool IsWinograd(Node node, Workload work) =>
        FusedConv.Parts(node.Op).Conv is not null && OfTiles(node, work, Winograd.Suits);

    /// <summary>The node whose memory a value lies in: its own, but for views and what overwrites.</summary>
    public static Node Owner(Node node) => node.Op.Traits.Memory == ResultMemory.Operand ? Owner(node.Inputs[0]) : node;

    // A frozen graph's convolutions read and write channels last; of a map that lies otherwise, libtorch's kernel makes a copy.
    static bool IsReadAsIs(Node map) => map.Op.Traits.Layout != ResultLayout.WithGaps && IsChannelsLast(map);

    static bool IsChannelsLast(Node map) =>
        map.Op is Conv or FusedConv
        || map.Op.Traits.Layout switch
        {
            ResultLayout.ChannelsFirst => false,
            ResultLayout.AsAll => map.Inputs.All(IsChannelsLast),
            _ => IsChannelsLast(map.Inputs[0]),
        };

    static T OfTiles<T>(Node node, Workload work, Func<Conv, long, long, long, T> of)
    {
        var input = node.Inputs[0].Shape;
        return of(
            FusedConv.Parts(node.Op).Conv!,
            input.Channels,
            input.Height.Resolve(work.Height),
            input.Width.Resolve(work.Width)
        );
    }
}
