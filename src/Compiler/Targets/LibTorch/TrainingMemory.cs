using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>Memory of a training step, in bytes, by liveness: nothing in it is fitted.</summary>
/// <param name="Parameters">Stored parameters and buffers.</param>
/// <param name="OptimizerState">Adam's two moments, or the momentum.</param>
/// <param name="Gradients">Of the trained parameters, when backward is through.</param>
/// <param name="Saved">What backward needs of forward: at its largest, when forward is through.</param>
/// <param name="Peak">All together, at the worst moment of the step.</param>
/// <param name="ByDeclaration">Who saves what.</param>
public sealed record TrainingMemory(
    long Parameters,
    long OptimizerState,
    long Gradients,
    long Saved,
    long Peak,
    ImmutableSortedDictionary<string, long> ByDeclaration
)
{
    /// <param name="accumulate">Batches a step: from the second on, the gradients so far lie there all the time.</param>
    /// <param name="surgery">Losses whose gradients the scheme takes one by one and keeps to the end of the step (pcgrad); 0 with
    /// other schemes.</param>
    public static TrainingMemory Of(
        Graph graph,
        ImmutableArray<ModelTask> tasks,
        OptimizerRecipe optimizer,
        Workload work,
        int accumulate = 1,
        int surgery = 0
    )
    {
        var parameters = graph.Parameters.Sum(Workload.Bytes);
        var trained = graph.Parameters.Where(p => p.IsTrainable).Sum(Workload.Bytes);
        var state =
            trained
            * (
                optimizer is SgdRecipe { Momentum: 0 } ? 0
                : optimizer is SgdRecipe ? 1
                : 2
            );
        var (savers, again) = Savers(graph);
        var still = Still(graph);
        var losses = graph.Outputs.Sum(o => Loss(o, tasks, work));
        var saved = savers.Sum(s => work.Bytes(s.Key)) + graph.Nodes.Sum(n => Kept(n, work, still));
        var kept = accumulate > 1 ? trained * Math.Max(1, surgery) : 0;
        var forward = kept + Forward(graph, savers, losses, work);
        var backward = Backward(graph, savers, again, losses, surgery > 1 ? 0 : kept, work);
        if (surgery > 1)
            backward = OneByOne(
                backward,
                surgery,
                trained,
                Backward(graph, savers, again, losses, kept: 0, work, keepsGraph: true),
                accumulate > 1
            );
        var by = graph
            .Nodes.GroupBy(n => n.Declaration)
            .ToImmutableSortedDictionary(
                g => g.Key,
                g => g.Sum(n => Kept(n, work, still) + (savers.ContainsKey(n) ? work.Bytes(n) : 0)),
                StringComparer.Ordinal
            );
        var peak = parameters + state + Math.Max(forward, backward);
        return new(parameters, state, trained, saved + losses, peak, by);
    }

    // The last pass frees what forward saved, the ones before do not. Then beside every loss's gradients lie one that is
    // projected, the next state of it, and the sum. Sums of earlier batches lie there for every loss all the time.
    static long OneByOne(long freeing, int losses, long trained, long keeping, bool sums) =>
        Math.Max(
            Math.Max(freeing + (sums ? losses : losses - 1) * trained, keeping + (sums ? losses : losses - 2) * trained),
            (losses + 2) * trained
        );

    /// <summary>
    /// For each value that backward needs: the first operation, in order, that saved it; backward is done with it there. A
    /// recomputed region saves what it reads; what its own operations save there is again only from when backward comes to it.
    /// </summary>
    static (Dictionary<Node, int> Savers, Dictionary<Node, int> Again) Savers(Graph graph)
    {
        var (savers, again) = (new Dictionary<Node, int>(), new Dictionary<Node, int>());
        var still = Still(graph);
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            if (still.Contains(graph.Nodes[i]))
                continue;
            foreach (var value in SavedBy(graph.Nodes[i]).Select(KernelMemory.Owner))
                (graph.Nodes[i].IsRecomputed ? again : savers).TryAdd(value, i);
        }
        foreach (var (first, end) in Graph.Regions(graph.Nodes))
        {
            var own = graph.Nodes[first..end].ToHashSet();
            foreach (var value in own.SelectMany(n => n.Inputs).Select(KernelMemory.Owner).Where(v => !own.Contains(v)))
            {
                again.Remove(value);
                savers[value] = Math.Min(first, savers.GetValueOrDefault(value, first));
            }
        }
        return (savers, again);
    }

    // Frozen nodes to which no gradient flows: what autograd does not see.
    static HashSet<Node> Still(Graph graph)
    {
        var still = new HashSet<Node>();
        foreach (
            var node in graph.Nodes.Where(n => n.IsFrozen && n.Inputs.All(i => i.Op is Image or MapInput || still.Contains(i)))
        )
        {
            if (!node.Parameters.SelectMany(p => p.Stored).Any(p => p.IsTrainable)) // an adapter
                still.Add(node);
        }
        return still;
    }

    // Constants of interpolation and sums need nothing.
    static IEnumerable<Node> SavedBy(Node node)
    {
        var saves = node.Op.Traits.Saves;
        return
        [
            .. saves.HasFlag(Saves.Operands) ? node.Inputs
            : saves.HasFlag(Saves.FirstOperand) ? node.Inputs[..1]
            : [],
            .. saves.HasFlag(Saves.Result) ? [node] : ImmutableArray<Node>.Empty,
        ];
    }

    // What is saved besides values: masks, positions (int64), weights that were derived. What is frozen drops nothing.
    static long Extra(Node node, Workload work)
    {
        if (node is { IsFrozen: true, Op: Dropout or DropPath })
            return 0;
        var saves = node.Op.Traits.Saves;
        var maps = (saves.HasFlag(Saves.Mask) ? 1 : 0) + (saves.HasFlag(Saves.Positions) ? 2 : 0);
        return maps * work.Bytes(node)
            + node.Op.Kept(node, work)
            + node.Parameters.Sum(p =>
                p.Derivation switch
                {
                    Derivation.Taps => Workload.Bytes(p),
                    Derivation.Rounded => p == node.Parameters[0] ? Workload.Bytes(p) / 2 : 0,
                    _ => 0,
                }
            );
    }

    static long Kept(Node node, Workload work, HashSet<Node> still) =>
        node.IsRecomputed || still.Contains(node) ? 0 : Extra(node, work);

    static long Loss(GraphOutput output, ImmutableArray<ModelTask> tasks, Workload work) =>
        work.Bytes(output.Value) * tasks.First(t => t.Name == output.Task).Kind.Losses.Max(l => l.Kept);

    static long Forward(Graph graph, Dictionary<Node, int> savers, long losses, Workload work)
    {
        var last = new Dictionary<Node, int>();
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (var value in graph.Nodes[i].Inputs.Append(graph.Nodes[i]))
                last[KernelMemory.Owner(value)] = i;
        }
        foreach (var output in graph.Outputs)
            last[KernelMemory.Owner(output.Value)] = int.MaxValue;
        var dying = last.Where(l => !savers.ContainsKey(l.Key)).ToLookup(l => l.Value, l => l.Key);
        var (alive, peak, still) = (KernelMemory.HandedIn(graph, work), 0L, Still(graph));
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            alive += Kept(node, work, still) + (KernelMemory.Owner(node) == node ? work.Bytes(node) : 0);
            peak = Math.Max(peak, alive + KernelMemory.Scratch(node, work, frozen: false));
            alive -= dying[i].Sum(n => work.Bytes(n));
        }
        return Math.Max(peak, alive + losses);
    }

    static long Backward(
        Graph graph,
        Dictionary<Node, int> savers,
        Dictionary<Node, int> again,
        long losses,
        long kept,
        Workload work,
        bool keepsGraph = false
    )
    {
        var regions = Graph.Regions(graph.Nodes).ToArray();
        var done = savers.Concat(again).ToLookup(s => s.Value, s => s.Key);
        var still = Still(graph);
        var alive = savers.Sum(s => work.Bytes(s.Key)) + graph.Nodes.Sum(n => Kept(n, work, still)) + losses + kept;
        alive += KernelMemory.HandedIn(graph, work);
        var gradients = new HashSet<Node>(graph.Outputs.Select(o => o.Value));
        alive += gradients.Sum(n => work.Bytes(n));
        var peak = alive;
        alive -= losses;
        var trained = new HashSet<Parameter>();
        var returned = 0L; // gradients of the last region's weights: autograd copies them, and they go when the next one comes
        for (var i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (regions.FirstOrDefault(r => r.End == i + 1) is { End: > 0 } entered)
            {
                var own = graph.Nodes[entered.First..entered.End];
                alive +=
                    again.Where(a => a.Value >= entered.First && a.Value < entered.End).Sum(a => work.Bytes(a.Key))
                    + own.Where(n => !still.Contains(n)).Sum(n => Extra(n, work));
                alive -= returned;
                returned = own.SelectMany(n => n.Parameters)
                    .SelectMany(p => p.Stored)
                    .Where(p => p.IsTrainable)
                    .Distinct()
                    .Sum(Workload.Bytes);
                alive += returned;
            }
            if (gradients.Contains(node))
            {
                foreach (
                    var input in node.Inputs.Where(n => n.Op is not (Image or MapInput) && !still.Contains(n) && gradients.Add(n))
                )
                    alive += work.Bytes(input);
                if (kept == 0) // else they are added to what is there
                    alive += node
                        .Parameters.SelectMany(p => p.Stored)
                        .Where(p => p.IsTrainable && trained.Add(p))
                        .Sum(Workload.Bytes);
                peak = Math.Max(peak, alive + KernelMemory.Scratch(node, work, frozen: false));
                alive -= work.Bytes(node);
            }
            if (!keepsGraph)
                alive -= (still.Contains(node) ? 0 : Extra(node, work)) + done[i].Sum(n => work.Bytes(n));
        }
        return peak;
    }
}
