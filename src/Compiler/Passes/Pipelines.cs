using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Passes;

/// <summary>A rewriting of graphs under the name by which it is reported.</summary>
public sealed record Pass(string Name, Func<Graph, Graph> Run);

/// <summary>The named lists of passes; the verifier runs after each.</summary>
public static class Pipelines
{
    public static readonly ImmutableArray<Pass> Training =
    [
        new("dead-code", DeadCode.Remove),
        new("linear-as-conv", LinearAsConv.Run),
        new("pointwise-before-resize", ConvBeforeResize.Pointwise),
        new("conv-before-resize", ConvBeforeResize.Spatial),
    ];

    /// <summary>Training in a precision: the training list, and casts where it is not float32.</summary>
    public static ImmutableArray<Pass> TrainingIn(Precision precision) => precision == Precision.Float32
        ? Training
        : Training.Add(new("mixed-precision", graph => MixedPrecision.Run(graph, precision)));

    public static readonly ImmutableArray<Pass> Inference =
    [
        new("dead-code", DeadCode.Remove),
        new("freeze", Freeze.Run),
        new("linear-as-conv", LinearAsConv.Run),
        new("common-subexpressions", CommonSubexpressions.Merge),
        new("fold-batch-norm", FoldBatchNorm.Run),
        new("pointwise-before-resize", ConvBeforeResize.Pointwise),
        new("conv-before-resize", ConvBeforeResize.Spatial),
        new("fuse-conv", FuseConv.Run),
        new("merge-conv", MergeConv.Run),
        new("overwrite-operand", OverwriteOperand.Run),
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
