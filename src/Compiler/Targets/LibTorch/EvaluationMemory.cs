using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>Memory of evaluation, in bytes.</summary>
/// <param name="Weights">Parameters, folded and prepacked for the kernels, which take the place of the stored ones.</param>
/// <param name="Activations">The most that is alive at once, pictures and predictions included.</param>
/// <param name="Widest">The operation at which that is.</param>
/// <param name="Peak">All together at the worst moment: while weights are prepacked one after the other, before any map is there,
/// or in a pass.</param>
public sealed record EvaluationMemory(long Weights, long Activations, string Widest, long Peak)
{
    public static EvaluationMemory Of(Graph graph, Workload work)
    {
        var (activations, widest) = Activity(graph, work, n => KernelMemory.Scratch(n, work, graph.IsFrozen));
        var (weights, laying) = graph.IsFrozen ? LayingOut(graph, work) : (graph.Parameters.Sum(Workload.Bytes), 0);
        return new(weights, activations, widest, Math.Max(laying + Pictures(graph, work), weights + activations));
    }

    /// <summary>Bytes of values alive at once, without what kernels need for themselves.</summary>
    public static long Live(Graph graph, Workload work) => Activity(graph, work, _ => 0).Peak;

    // What the caller hands in, before any of it is copied.
    static long Pictures(Graph graph, Workload work) =>
        KernelMemory.HandedIn(graph, work) is > 0 and var all
            ? all
            : graph.Nodes.Where(n => n.Op is Image).Sum(n => work.Bytes(n));

    // Stored weights turn into prepacked ones, one after the other. A derived one is first computed, then prepacked, and only
    // then given back together with what it came from.
    static (long Weights, long Peak) LayingOut(Graph graph, Workload work)
    {
        var parameters = graph.Nodes.SelectMany(n => n.Parameters).Distinct().ToArray();
        var packed = graph.Nodes.Where(n => FusedConv.Parts(n.Op).Conv is not null).Select(n => n.Parameters[0]).ToHashSet();
        var winograd = graph.Nodes.Where(n => KernelMemory.IsWinograd(n, work)).Select(n => n.Parameters[0]).ToHashSet();
        var readers = parameters.SelectMany(p => p.Stored.Distinct()).CountBy(p => p).ToDictionary();
        var now = graph.Parameters.Sum(Workload.Bytes);
        var peak = now;
        foreach (var parameter in parameters.Where(p => p.Derivation is not null || packed.Contains(p)))
        {
            var plain = Workload.Bytes(parameter);
            var kept = plain * (winograd.Contains(parameter) ? Winograd.WeightGrowth : 1);
            peak = Math.Max(peak, now + kept + (parameter.Derivation is not null && packed.Contains(parameter) ? plain : 0));
            now += kept - parameter.Stored.Distinct().Where(s => --readers[s] == 0).Sum(Workload.Bytes);
        }
        return (now, peak);
    }

    // A value is given back after its last reader; predictions never, nor the pictures, which are the caller's.
    static (long Peak, string Widest) Activity(Graph graph, Workload work, Func<Node, long> beside)
    {
        var last = new Dictionary<Node, int>();
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (var value in graph.Nodes[i].Inputs.Append(graph.Nodes[i]))
                last[KernelMemory.Owner(value)] = i;
        }
        foreach (var output in graph.Outputs)
            last[KernelMemory.Owner(output.Value)] = int.MaxValue;
        foreach (var pictures in graph.Nodes.Where(n => n.Op is Image))
            last[pictures] = int.MaxValue;
        var dying = last.ToLookup(l => l.Value, l => l.Key);
        var (alive, peak, widest) = (KernelMemory.HandedIn(graph, work), long.MinValue, "");
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            if (KernelMemory.Owner(node) == node)
                alive += work.Bytes(node);
            if (alive + beside(node) is var now && now > peak)
                (peak, widest) = (now, node.Name);
            alive -= dying[i].Sum(n => work.Bytes(n));
        }
        return (peak, widest);
    }
}
