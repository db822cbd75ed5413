using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

// linear(x, W[out, in])
//   ====>  conv(x, W[out, in, 1, 1])
// The same sums under the same parameters; what is known of convolutions (fusion, layouts, precision, memory) then holds for
// both.
public static class LinearAsConv
{
    public static Graph Run(Graph graph) =>
        Rewriter.Run(
            graph,
            (rewriter, node) =>
            {
                if (node.Op is not Linear linear)
                    return null;
                var (conv, matrix) = (new Conv(linear.Out, Bias: linear.HasBias), node.Parameters[0]);
                var weight = rewriter.Derive(
                    $"{matrix.Name}:pointwise",
                    matrix.Spec with
                    {
                        Dimensions = [.. matrix.Dimensions, 1, 1],
                    },
                    new Derivation.Pointwise(matrix)
                );
                return rewriter.Replace(node, conv, [rewriter[node.Inputs[0]]], [weight, .. node.Parameters.Skip(1)]);
            }
        );
}
