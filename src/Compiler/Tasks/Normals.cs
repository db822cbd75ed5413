using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Tasks;

/// <summary>The directions in which the surfaces of a depth face.</summary>
public sealed class NormalsKind : TaskKind<NormalsTask>
{
    public override string Word => "normals";

    public override Type? Origin => typeof(DepthTask);

    public override Modality Labels => Modality.Depth;

    public override Modality? Predicts => null;

    public override TargetForm Target => TargetForm.Values;

    public override Op? Activation => new Tanh();

    public override ImmutableArray<Measure> Measures { get; } =
    [
        new("mean_angle", "mean angle", "deg", MetricDirection.Lower, Decimals: 2),
        new("below_11.25", "below 11.25°", "%", MetricDirection.Higher, Decimals: 2),
        new("below_22.5", "below 22.5°", "%", MetricDirection.Higher, Decimals: 2),
        new("below_30", "below 30°", "%", MetricDirection.Higher, Decimals: 2),
    ];
}

/// <summary>`task NAME: normals of TASK`.</summary>
public sealed record NormalsTask(bool Auxiliary = false) : ModelTask(Auxiliary)
{
    public override int Channels => 3;

    public override string Description => $"normals of {Of}";

    public override OutputDescription Exported(bool isRaw) => new("x, y, z in -1..1 [N, 3, H, W]", "direction");
}
