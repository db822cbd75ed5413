using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Tasks;

/// <summary>Metres along the optical axis.</summary>
public sealed class DepthKind : TaskKind<DepthTask>
{
    public override string Word => "depth";

    public override Type? Origin => null;

    public override Modality Labels => Modality.Depth;

    public override Modality? Predicts => Modality.Depth;

    public override TargetForm Target => TargetForm.Values;

    public override Op? Activation => null;

    public override ImmutableArray<Measure> Measures { get; } =
    [
        new("si_log_rmse", "SI-logRMSE", "", MetricDirection.Lower, Decimals: 2),
        new("log_rmse", "log-RMSE", "", MetricDirection.Lower, Decimals: 4),
        new("rmse", "RMSE", "m", MetricDirection.Lower, Decimals: 3),
        new("mae", "MAE", "m", MetricDirection.Lower, Decimals: 3),
        new("rel", "relative error", "", MetricDirection.Lower, Decimals: 4),
        new("delta1", "δ < 1.25", "%", MetricDirection.Higher, Decimals: 2),
        new("delta2", "δ < 1.25²", "%", MetricDirection.Higher, Decimals: 2),
        new("delta3", "δ < 1.25³", "%", MetricDirection.Higher, Decimals: 2),
        new("mae", "MAE", "m", MetricDirection.Lower, Decimals: 3, MeasureDetail.Distance),
        new("rel", "relative error", "", MetricDirection.Lower, Decimals: 4, MeasureDetail.Distance),
        new("pixels", "pixels", "px", MetricDirection.None, Decimals: 4, MeasureDetail.Distance),
    ];
}

/// <summary>`task NAME: depth { unit: metres | log | inverse }`.</summary>
/// <param name="Unit">What the network regresses, standardised.</param>
public sealed record DepthTask(DepthUnit Unit = DepthUnit.Metres, bool Auxiliary = false) : UnitTask(Unit, Auxiliary)
{
    public override int Channels => 1;

    public override string Description =>
        Unit == DepthUnit.Metres ? "depth in metres" : $"depth in {Unit.ToString().ToLowerInvariant()} metres";

    public override OutputDescription Exported(bool isRaw) =>
        isRaw
            ? new("the standardised unit [N, 1, H, W]", $"standardised {Unit}".ToLowerInvariant())
            : new("metres [N, H, W]", "m");
}
