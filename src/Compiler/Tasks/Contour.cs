using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Tasks;

/// <summary>The probability that a class of a segmentation ends at the pixel.</summary>
public sealed class ContourKind : TaskKind<ContourTask>
{
    public override string Word => "contour";

    public override Type? Origin => typeof(SegmentationTask);

    public override Modality Labels => Modality.Classes;

    public override Modality? Predicts => null;

    public override TargetForm Target => TargetForm.Chances;

    public override Op? Activation => new Sigmoid();

    public override ImmutableArray<Measure> Measures { get; } =
    [
        new("f", "F", "%", MetricDirection.Higher, Decimals: 2),
        new("precision", "precision", "%", MetricDirection.Higher, Decimals: 2),
        new("recall", "recall", "%", MetricDirection.Higher, Decimals: 2),
    ];
}

/// <summary>`task NAME: contour of TASK`.</summary>
public sealed record ContourTask(bool Auxiliary = false) : ModelTask(Auxiliary)
{
    public override int Channels => 1;

    public override string Description => $"contour of {Of}";

    public override OutputDescription Exported(bool isRaw) =>
        new(isRaw ? "probabilities [N, 1, H, W]" : "probabilities [N, H, W]", "probability");
}
