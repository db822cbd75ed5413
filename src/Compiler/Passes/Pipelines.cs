using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Passes;

/// <summary>The named lists of passes; the verifier runs after each.</summary>
public static class Pipelines
{
    public static readonly ImmutableArray<(string Name, Func<Graph, Graph> Run)> Training = [("dead-code", DeadCode.Remove)];

    public static readonly ImmutableArray<(string Name, Func<Graph, Graph> Run)> Inference = [("dead-code", DeadCode.Remove)];

    public static Graph Apply(this ImmutableArray<(string Name, Func<Graph, Graph> Run)> passes, Graph graph)
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
