using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Passes;

// conv(x, W) -> batch_norm(gamma, beta, mean, var)
//   ====>  conv(x, W * s, beta - mean * s)        s = gamma / sqrt(var + eps)
// Only when nothing else reads the convolution: another reader would see scaled values.
public static class FoldBatchNorm
{
    public static Graph Run(Graph graph) => Rewriter.Run(graph, Fold);

    static Node? Fold(Rewriter rewriter, Node node)
    {
        if (node.Op is not BatchNorm batchNorm || node.Inputs[0] is not { Op: Conv conv } before || !rewriter.IsReadOnce(before))
            return null;
        var norm = new NormParameters(
            node.Parameters[0],
            node.Parameters[1],
            node.Parameters[2],
            node.Parameters[3],
            batchNorm.Eps
        );
        var folded = conv with { Bias = true };
        var specs = folded.Parameters(before.InputShapes);
        var weight = new Parameter(
            $"{before.Name}.weight:folded",
            specs[0],
            new Derivation.NormalizedWeight(before.Parameters[0], norm)
        );
        var bias = new Parameter(
            $"{before.Name}.bias:folded",
            specs[1],
            new Derivation.NormalizedBias(conv.Bias ? before.Parameters[1] : null, norm)
        );
        return rewriter.Replace(node, folded, [rewriter[before.Inputs[0]]], [weight, bias]);
    }
}
