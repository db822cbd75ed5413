using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Tasks;

/// <summary>A class a pixel.</summary>
public sealed class SegmentationKind : TaskKind<SegmentationTask>
{
    public override string Word => "segmentation";

    public override Type? Origin => null;

    public override Modality Labels => Modality.Classes;

    public override Modality? Predicts => Modality.Classes;

    public override TargetForm Target => TargetForm.Classes;

    /// <summary>None: its loss and its metrics take logits.</summary>
    public override Op? Activation => null;

    public override ImmutableArray<Measure> Measures { get; } =
    [
        new("mean_iou", "mean IoU", "%", MetricDirection.Higher, Decimals: 2),
        new("pixel_accuracy", "pixel accuracy", "%", MetricDirection.Higher, Decimals: 2),
        new("absent_classes", "absent classes", "", MetricDirection.None, Decimals: 4),
        new("iou", "IoU", "%", MetricDirection.Higher, Decimals: 2, MeasureDetail.Class),
    ];
}

/// <summary>`task NAME: segmentation { classes: N }`.</summary>
public sealed record SegmentationTask(
    [Bounds(2, 255)] int Classes,
    [Bounds(0, 255)] int Ignore = DataContract.Unlabelled,
    bool Auxiliary = false
) : ClassTask(Classes, Ignore, Auxiliary)
{
    public override string Description => FormattableString.Invariant($"segmentation, {Classes} classes");

    public override OutputDescription Exported(bool isRaw) =>
        new(isRaw ? "logits [N, C, H, W]" : "classes [N, H, W] of uint8", null);
}
