using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

// conv(x, W) -> relu                  ====>  conv_relu(x, W)
// conv(x, W) -> add(y)                ====>  conv_add(x, y, W)
// conv(x, W) -> add(y) -> relu        ====>  conv_add_relu(x, y, W)        where y has the sum's shape
// Only where nothing else reads what vanishes. Of two convolutions that are added, the later takes the other's result.
public static class FuseConv
{
    public static Graph Run(Graph graph)
    {
        var position = graph.Nodes.Select((node, i) => (node, i)).ToDictionary(x => x.node, x => x.i);
        return Rewriter.Run(
            graph,
            (rewriter, node) =>
                node.Op switch
                {
                    Relu => Rectified(rewriter, node, position),
                    Add when !IsRectified(rewriter, node) => Added(rewriter, node, node, relu: false, position),
                    _ => null,
                }
        );
    }

    static bool IsRectified(Rewriter rewriter, Node sum) => rewriter.IsReadOnce(sum) && rewriter.Readers(sum).First().Op is Relu;

    static Node? Rectified(Rewriter rewriter, Node node, Dictionary<Node, int> position)
    {
        var x = node.Inputs[0];
        if (!rewriter.IsReadOnce(x))
            return null;
        return x.Op switch
        {
            Conv conv => rewriter.Replace(node, FusedConv.Of(conv, false, true), [rewriter[x.Inputs[0]]], x.Parameters),
            Add => Added(rewriter, node, x, relu: true, position),
            _ => null,
        };
    }

    static Node? Added(Rewriter rewriter, Node node, Node sum, bool relu, Dictionary<Node, int> position)
    {
        if (sum.Inputs[0] == sum.Inputs[1])
            return null;
        var conv = sum.Inputs.Where(i => i.Op is Conv && rewriter.IsReadOnce(i) && i.Shape == sum.Shape).MaxBy(i => position[i]);
        if (conv is null)
            return null;
        var other = sum.Inputs[0] == conv ? sum.Inputs[1] : sum.Inputs[0];
        if (other.Shape != sum.Shape || other.IsBatched != conv.IsBatched)
            return null; // a map of parameters alone has a batch of 1
        return rewriter.Replace(
            node,
            FusedConv.Of((Conv)conv.Op, true, relu),
            [rewriter[conv.Inputs[0]], rewriter[other]],
            conv.Parameters
        );
    }
}
