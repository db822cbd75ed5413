using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Passes;

// dropout(x), drop_path(x)
//   ====>  x
// From here on weights and running statistics are constants. What is left of randomness in evaluation is nothing.
public static class Freeze
{
    public static Graph Run(Graph graph)
    {
        var frozen = Rewriter.Run(graph, (rewriter, node) => node.Op is Dropout or DropPath ? rewriter[node.Inputs[0]] : null);
        return new(frozen.Name, frozen.Nodes, frozen.Outputs) { IsFrozen = true };
    }
}
