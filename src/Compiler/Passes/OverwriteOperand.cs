using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Passes;

// y = relu(x)
//   ====>  y = relu_(x)        in x's memory
// Only where nothing else reads x and x has memory of its own: slices, spread or resized maps may share their operand's.
public static class OverwriteOperand
{
    public static Graph Run(Graph graph) => Rewriter.Run(graph, (rewriter, node) =>
        InPlace.Of(node.Op) is { } inPlace && rewriter.IsReadOnce(node.Inputs[0]) && HasMemory(node.Inputs[0])
            ? rewriter.Replace(node, inPlace, [rewriter[node.Inputs[0]]], [])
            : null);

    private static bool HasMemory(Node node) => node.Op switch
    {
        Conv or ConvTranspose or FusedConv or ShiftedResize or BatchNorm or GroupNorm or LayerScale or Add or Subtract or Multiply or Relu or Sigmoid or Tanh => true,
        Sum or Concat => node.Inputs.Length > 1,
        _ => false,
    };
}
