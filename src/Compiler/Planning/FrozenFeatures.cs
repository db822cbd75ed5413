using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Planning;

/// <summary>Values that wholly frozen encoders make of the picture and of maps alone, and that something else reads: the same
/// for the same picture, as often as it comes.</summary>
/// <param name="Values">In the order of the graph.</param>
public sealed record FrozenFeatures(ImmutableArray<Node> Values)
{
    /// <summary>The encoders of which nothing is trained, neither a weight nor what was put beside it.</summary>
    public static ImmutableArray<string> Encoders(Model model)
    {
        var nodes = model.Training.Nodes.ToLookup(n => n.Declaration);
        return
        [
            .. model
                .Declarations.Where(d => d.Kind == "encoder")
                .Select(d => d.Name)
                .Where(name => nodes[name].Any() && nodes[name].All(n => n.IsFrozen && HasConstants(n))),
        ];
    }

    /// <param name="graph">Of training or of evaluation, whatever passes made of it.</param>
    public static FrozenFeatures Of(Graph graph, ImmutableArray<string> encoders)
    {
        var still = new HashSet<Node>();
        foreach (var node in graph.Nodes)
        {
            // A pass may have joined what is frozen with what is trained.
            if (
                encoders.Contains(node.Declaration)
                && HasConstants(node)
                && (
                    node.Inputs.IsEmpty
                        ? node.Op.IsConstant
                        : node.Inputs.All(i => i.Op is Image or MapInput || still.Contains(i))
                )
            )
                still.Add(node);
        }
        var read = graph
            .Nodes.Where(n => !still.Contains(n))
            .SelectMany(n => n.Inputs)
            .Concat(graph.Outputs.Select(o => o.Value))
            .ToHashSet();
        return new([.. graph.Nodes.Where(n => n.IsBatched && still.Contains(n) && read.Contains(n))]);
    }

    static bool HasConstants(Node node) => node.Parameters.SelectMany(p => p.Stored).All(p => p.IsFrozen);

    /// <summary>Of one picture.</summary>
    public long Bytes(int height, int width) => Values.Sum(new Workload(1, height, width).Bytes);
}
