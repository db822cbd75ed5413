using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.PyTorch;

/// <summary>What a written program is held against.</summary>
public static class PyTorchCheck
{
    /// <summary>A graph without dropout: generators of random numbers differ from one build of PyTorch to another.</summary>
    public static Graph WithoutDropout(Graph graph) =>
        Rewriter.Run(
            graph,
            (rewriter, node) =>
                node.Op switch
                {
                    Dropout drop => rewriter.Replace(node, drop with { Rate = 0 }, [rewriter[node.Inputs[0]]], []),
                    DropPath drop => rewriter.Replace(node, drop with { Rate = 0 }, [rewriter[node.Inputs[0]]], []),
                    _ => null,
                }
        );
}
