using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Passes;

// y = f(x); z = f(x)
//   ====>  y = f(x); z = y
// Same operation, same operands, the very same parameters. Dropout draws by its node's name, and batch normalisation counts its
// batches: neither is pure, and both stay.
public static class CommonSubexpressions
{
    public static Graph Merge(Graph graph)
    {
        var known = new Dictionary<(Op Op, string Operands, string Parameters), Node>();
        return Rewriter.Run(
            graph,
            (rewriter, node) =>
            {
                if (!node.Op.Traits.IsPure)
                    return null;
                var key = (
                    node.Op,
                    string.Join('\n', node.Inputs.Select(i => rewriter[i].Name)),
                    string.Join('\n', node.Parameters.Select(p => p.Name))
                );
                if (known.TryGetValue(key, out var first))
                    return rewriter[first];
                known.Add(key, node);
                return null;
            }
        );
    }
}
