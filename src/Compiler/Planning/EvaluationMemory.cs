using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Planning;

/// <summary>Memory of evaluation, in bytes.</summary>
/// <param name="Weights">Stored parameters, and the copies that are folded and packed.</param>
/// <param name="Activations">The most that is alive at once, pictures and predictions included.</param>
/// <param name="Widest">The operation at which that is.</param>
public sealed record EvaluationMemory(long Weights, long Activations, string Widest)
{
    public long Peak => Fixed + (long)(WeightSlack * Weights + ActivationSlack * Activations);

    // Fitted to measured peaks (docs/performance.md): kernels and their scratch, and holes in the heap.
    private const long Fixed = 52 << 20;
    private const double WeightSlack = 1.075, ActivationSlack = 2.1;

    /// <param name="stored">Everything that a checkpoint has.</param>
    public static EvaluationMemory Of(Graph graph, IEnumerable<Parameter> stored, Workload work)
    {
        var (activations, widest) = Activity(graph, work, n => work.Scratch(n, graph.IsFrozen));
        var copies = graph.IsFrozen ? graph.Nodes.Where(n => n.Op is Conv or FusedConv).Sum(n => Workload.Bytes(n.Parameters[0])) : 0;
        return new(stored.Sum(Workload.Bytes) + copies, activations, widest);
    }

    /// <summary>Bytes of values alive at once, without what kernels need for themselves.</summary>
    public static long Live(Graph graph, Workload work) => Activity(graph, work, _ => 0).Peak;

    // A value is given back after its last reader, predictions never.
    private static (long Peak, string Widest) Activity(Graph graph, Workload work, Func<Node, long> scratch)
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
        var (alive, peak, widest) = (0L, 0L, "");
        for (var i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            if (Workload.Owner(node) == node)
                alive += work.Bytes(node);
            if (alive + scratch(node) is var now && now > peak)
                (peak, widest) = (now, node.Name);
            alive -= dying[i].Sum(n => work.Bytes(n));
        }
        return (peak, widest);
    }
}
