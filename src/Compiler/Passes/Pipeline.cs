using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Passes;

/// <summary>A rewriting of graphs under the name by which it is reported.</summary>
public sealed record Pass(string Name, Func<Graph, Graph> Run);

/// <summary>Lists of passes; the verifier runs after each.</summary>
public static class Pipeline
{
    /// <summary>What is true of a network that only evaluates, whoever computes it: each target starts from what these
    /// leave.</summary>
    public static readonly ImmutableArray<Pass> Neutral =
    [
        new("dead-code", DeadCode.Remove),
        new("freeze", Freeze.Run),
        new("merge-adapters", MergeAdapters.Run),
        new("common-subexpressions", CommonSubexpressions.Merge),
    ];

    public static Graph Apply(this ImmutableArray<Pass> passes, Graph graph)
    {
        Verifier.Check(graph, "lowering");
        foreach (var (name, run) in passes)
        {
            graph = run(graph);
            Verifier.Check(graph, name);
        }
        return graph;
    }
}
