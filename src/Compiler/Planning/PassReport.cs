using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Passes;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.LibTorch;

namespace Mtlc.Compiler.Planning;

/// <summary>A graph after a pass, in numbers.</summary>
/// <param name="Pass">"lowering" for the graph that the passes get.</param>
/// <param name="Parameters">Numbers that evaluation reads, derived ones in place of what they were derived from.</param>
/// <param name="MultiplyAdds">Of one picture.</param>
/// <param name="PeakBytes">Activations alive at once, by liveness, for one picture.</param>
public sealed record PassReport(string Pass, int Nodes, long Parameters, long MultiplyAdds, long PeakBytes)
{
    /// <summary>What each pass of inference left, in order.</summary>
    public static ImmutableArray<PassReport> OfInference(Model model, ImageSize size)
    {
        var scored = model.Inference.Outputs.Select(o => o.Task).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<GraphOutput> outputs =
        [
            .. model.Training.Outputs.Where(o => o.IsFinal && scored.Contains(o.Task)).Select(o => o with { Name = o.Task }),
        ];
        return Of(Pipelines.Inference, model.Training.With(model.Training.Nodes, outputs), size);
    }

    public static ImmutableArray<PassReport> OfTraining(Model model, Precision precision, ImageSize size) =>
        Of(Pipelines.TrainingIn(precision), model.Training, size);

    static ImmutableArray<PassReport> Of(ImmutableArray<Pass> passes, Graph graph, ImageSize size)
    {
        var reports = ImmutableArray.CreateBuilder<PassReport>();
        reports.Add(Of("lowering", graph, size));
        foreach (var pass in passes)
            reports.Add(Of(pass.Name, graph = pass.Run(graph), size));
        return reports.ToImmutable();
    }

    static PassReport Of(string pass, Graph graph, ImageSize size) =>
        new(
            pass,
            graph.Nodes.Length,
            graph.Nodes.SelectMany(n => n.Parameters).Distinct().Sum(p => p.Count),
            graph.MultiplyAdds(size.Height, size.Width),
            EvaluationMemory.Live(graph, new(1, size.Height, size.Width))
        );
}
