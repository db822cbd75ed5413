using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Passes;

// linear(x, W) + s * linear(linear(x, A), B)
//   ====>  linear(x, W + s * B A)
// What was trained beside a matrix becomes part of it (Hu et al. 2021, section 4.1): evaluation computes nothing more.
public static class MergeAdapters
{
    public static Graph Run(Graph graph) =>
        Rewriter.Run(
            graph,
            (rewriter, node) =>
            {
                if (node.Op is not Adapted adapted)
                    return null;
                var (weight, a, b) = (node.Parameters[0], node.Parameters[^2], node.Parameters[^1]);
                var merged = rewriter.Derive(
                    $"{weight.Name}:adapted",
                    weight.Spec,
                    new Derivation.LowRank(weight, a, b, adapted.Factor, adapted.On)
                );
                return rewriter.Replace(node, adapted.Whole, [rewriter[node.Inputs[0]]], [merged, .. node.Parameters[1..^2]]);
            }
        );
}
