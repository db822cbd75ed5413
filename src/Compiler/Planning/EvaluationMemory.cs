using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Planning;

/// <summary>Memory of evaluation, in bytes.</summary>
/// <param name="Weights">Parameters, folded and laid out for the kernels, which take the place of the stored ones.</param>
/// <param name="Activations">The most that is alive at once, pictures and predictions included.</param>
/// <param name="Widest">The operation at which that is.</param>
/// <param name="Peak">All together at the worst moment of the first pass, in which weights are laid out one after the other.</param>
public sealed record EvaluationMemory(long Weights, long Activations, string Widest, long Peak)
{
    public static EvaluationMemory Of(Graph graph, Workload work)
    {
        var (activations, widest) = Activity(graph, work, n => work.Scratch(n, graph.IsFrozen));
        var growing = graph.IsFrozen ? graph.Nodes.Where(work.IsByTiles).Select(n => n.Parameters[0]).ToHashSet() : [];
        long Laid(Parameter p) => Workload.Bytes(p) * (growing.Contains(p) ? Winograd.WeightGrowth : 1);
        var weights = graph.Nodes.SelectMany(n => n.Parameters).Distinct().Sum(Laid);
        var laying = graph.IsFrozen ? LayingOut(graph, Laid) : [];
        var stored = graph.Parameters.Sum(Workload.Bytes);
        var (peak, _) = Activity(graph, work, n => work.Scratch(n, graph.IsFrozen) + laying.GetValueOrDefault(n));
        return new(weights, activations, widest, stored + peak);
    }

    /// <summary>Bytes of values alive at once, without what kernels need for themselves.</summary>
    public static long Live(Graph graph, Workload work) => Activity(graph, work, _ => 0).Peak;

    // How much more the weights take when an operation gets its own than when they are all as stored. A derived weight is first computed,
    // then laid out, and only then given back together with what it came from.
    private static Dictionary<Node, long> LayingOut(Graph graph, Func<Parameter, long> laid)
    {
        var more = new Dictionary<Node, long>();
        var readers = graph.Nodes.SelectMany(n => n.Parameters).Distinct().SelectMany(p => p.Stored.Distinct()).CountBy(p => p).ToDictionary();
        var done = new HashSet<Parameter>();
        var now = 0L;
        foreach (var node in graph.Nodes)
        {
            foreach (var (i, parameter) in node.Parameters.Index())
            {
                var packed = i == 0 && node.Op is Conv or FusedConv;
                if ((parameter.Derivation is null && !packed) || !done.Add(parameter))
                    continue;
                var (plain, kept) = (Workload.Bytes(parameter), packed ? laid(parameter) : Workload.Bytes(parameter));
                more[node] = Math.Max(more.GetValueOrDefault(node), now + (packed ? kept : 0) + (parameter.Derivation is null ? 0 : plain));
                now += kept - parameter.Stored.Distinct().Where(s => --readers[s] == 0).Sum(Workload.Bytes);
            }
            more[node] = Math.Max(more.GetValueOrDefault(node), now);
        }
        return more;
    }

    // A value is given back after its last reader, predictions never.
    private static (long Peak, string Widest) Activity(Graph graph, Workload work, Func<Node, long> beside)
    {
        var last = new Dictionary<Node, int>();
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (var value in graph.Nodes[i].Inputs.Append(graph.Nodes[i]))
                last[Workload.Owner(value)] = i;
        }
        foreach (var output in graph.Outputs)
            last[Workload.Owner(output.Value)] = int.MaxValue;
        var dying = last.ToLookup(l => l.Value, l => l.Key);
        var (alive, peak, widest) = (0L, long.MinValue, "");
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            if (Workload.Owner(node) == node)
                alive += work.Bytes(node);
            if (alive + beside(node) is var now && now > peak)
                (peak, widest) = (now, node.Name);
            alive -= dying[i].Sum(n => work.Bytes(n));
        }
        return (peak, widest);
    }
}
