using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

// y = relu(x)
//   ====>  y = relu_(x)        in x's memory
// Only where nothing else reads x and x has memory of its own: slices, spread or resized maps may share their operand's.
public static class OverwriteOperand
{
    public static Graph Run(Graph graph) =>
        Rewriter.Run(
            graph,
            (rewriter, node) =>
                node.Op.Traits.CanOverwrite && rewriter.IsReadOnce(node.Inputs[0]) && HasMemory(node.Inputs[0])
                    ? rewriter.Replace(node, new InPlace(node.Op), [rewriter[node.Inputs[0]]], [])
                    : null
        );

    static bool HasMemory(Node node) =>
        node.Op.Traits.Memory switch
        {
            ResultMemory.Own => true,
            ResultMemory.OwnOfSeveral => node.Inputs.Length > 1,
            _ => false,
        };
}
