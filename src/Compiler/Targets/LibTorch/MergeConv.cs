using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

// y = conv1x1(x, V); z = conv1x1(x, W)
//   ====>  a = conv1x1(x, V over W); y = slice(a); z = slice(a)
// Two tasks' lateral convolutions of one skip connection read it once, and a matrix product of more columns is a better one. Only
// 1x1: for larger kernels the arithmetic outweighs the reading, and the slices, which are not contiguous, would be copied.
public static class MergeConv
{
    // Wide products are efficient by themselves.
    const int Narrow = 128;

    public static Graph Run(Graph graph)
    {
        var groups = graph
            .Nodes.Where(n =>
                n.Op
                    is Conv { Kernel: 1, Groups: 1, Out: <= Narrow }
                        or FusedConv { Kernel: 1, Groups: 1, Out: <= Narrow, Residual: false }
            )
            .GroupBy(n => (n.Inputs[0], Alike(n.Op)))
            .Where(g => g.Count() > 1)
            .SelectMany(g => g.Select(n => (Node: n, Group: g.ToImmutableArray())))
            .ToDictionary(x => x.Node, x => x.Group);
        var merged = new Dictionary<Node, Node>();
        return Rewriter.Run(
            graph,
            (rewriter, node) =>
            {
                if (!groups.TryGetValue(node, out var group))
                    return null;
                if (!merged.TryGetValue(group[0], out var whole))
                    merged.Add(group[0], whole = Whole(rewriter, group));
                var start = group.TakeWhile(n => n != node).Sum(n => n.Shape.Channels);
                return rewriter.Replace(node, new Slice(start, node.Shape.Channels), [whole], []);
            }
        );
    }

    // What must agree besides the operand.
    static Op Alike(Op op) =>
        op switch
        {
            Conv conv => conv with { Out = 1, Init = default },
            FusedConv conv => conv with { Out = 1 },
            _ => op,
        };

    static Node Whole(Rewriter rewriter, ImmutableArray<Node> group)
    {
        var width = group.Sum(n => n.Shape.Channels);
        Op op = group[0].Op switch
        {
            Conv conv => conv with { Out = width },
            FusedConv conv => conv with { Out = width },
            var other => other,
        };
        var specs = op.Parameters(group[0].InputShapes);
        var parameters = specs.Select(
            (spec, i) =>
                rewriter.Derive(
                    string.Join('|', group.Select(n => n.Parameters[i].Name)),
                    spec,
                    new Derivation.Stacked([.. group.Select(n => n.Parameters[i])])
                )
        );
        return rewriter.Add(group[0], "merged", op, [rewriter[group[0].Inputs[0]]], [.. parameters]);
    }
}
