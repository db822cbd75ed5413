using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Passes;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>What becomes of a graph before libtorch computes it.</summary>
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
    public static ImmutableArray<Pass> TrainingIn(Precision precision) =>
        precision == Precision.Float32
            ? Training
            : Training.Add(new("mixed-precision", graph => MixedPrecision.Run(graph, precision)));

    /// <summary>Of the neutral graph of evaluation.</summary>
    public static readonly ImmutableArray<Pass> AfterNeutral =
    [
        new("linear-as-conv", LinearAsConv.Run),
        new("fold-batch-norm", FoldBatchNorm.Run),
        new("pointwise-before-resize", ConvBeforeResize.Pointwise),
        new("conv-before-resize", ConvBeforeResize.Spatial),
        new("fuse-conv", FuseConv.Run),
        new("merge-conv", MergeConv.Run),
        new("overwrite-operand", OverwriteOperand.Run),
    ];

    /// <summary>Everything that evaluation goes through, from lowering on.</summary>
    public static readonly ImmutableArray<Pass> Inference = [.. Pipeline.Neutral, .. AfterNeutral];
}
