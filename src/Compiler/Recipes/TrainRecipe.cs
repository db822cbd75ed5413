using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Recipes;

// The constructors below are the settings of `train { }`: names, types, defaults and bounds are read from them.

/// <summary>`train { }`: the defaults are the course template's (report, 1.1).</summary>
/// <param name="Batch">Samples that are in memory at a time: of a step, where nothing is accumulated. An epoch's last incomplete
/// step is dropped.</param>
/// <param name="Seed">Of initial weights, order, augmentation and dropout.</param>
/// <param name="ClipNorm">Largest norm of all gradients together; 0 clips nothing.</param>
/// <param name="Evaluate">When and how validation scores are computed.</param>
/// <param name="Checkpoint">When checkpoints are written and how many are kept.</param>
/// <param name="Precision">What training computes convolutions in; stored weights are float32.</param>
/// <param name="Accumulate">Batches a step, whose gradients are averaged.</param>
/// <param name="MemoryFormat">How maps and weights lie in memory while training; results differ by rounding, and which is faster
/// depends on the device.</param>
/// <param name="Decay">Which parameters weight decay is for.</param>
/// <param name="KeepFeatures">GiB of memory for what frozen encoders make of pictures that are the same in each epoch; 0
/// computes it each time. Results are the same.</param>
/// <param name="StoreFeatures">GiB of disk for the same, which later runs read; 0 stores nothing.</param>
public sealed record TrainRecipe(
    OptimizerRecipe? Optimizer = null,
    ScheduleRecipe? Schedule = null,
    [Bounds(1, 65_536)] int Batch = 4,
    [Bounds(1, 1_000_000)] int Epochs = 16,
    [Bounds(0, int.MaxValue)] int Seed = 0,
    [Bounds(0, 1e9)] double ClipNorm = 0,
    EvaluateRecipe? Evaluate = null,
    CheckpointRecipe? Checkpoint = null,
    [Bounds(1, 65_536), Later] int Accumulate = 1,
    [Later] Precision Precision = Precision.Float32,
    [Later] MemoryFormat MemoryFormat = MemoryFormat.ChannelsFirst,
    [Later] DecayRule Decay = DecayRule.All,
    [Bounds(0, 1e6), Later] double KeepFeatures = TrainRecipe.UsualKeepFeatures,
    [Bounds(0, 1e6), Later] double StoreFeatures = 0
)
{
    public const double UsualKeepFeatures = 2;

    /// <summary>Samples a step.</summary>
    public int StepSamples => Batch * Accumulate;

    public OptimizerRecipe Optimizer { get; init; } = Optimizer ?? new AdamRecipe();
    public ScheduleRecipe Schedule { get; init; } = Schedule ?? new PolyRecipe();
    public EvaluateRecipe Evaluate { get; init; } = Evaluate ?? new();
    public CheckpointRecipe Checkpoint { get; init; } = Checkpoint ?? new();
}

/// <summary>The order of a map's numbers in memory: NCHW or NHWC.</summary>
public enum MemoryFormat
{
    ChannelsFirst,
    ChannelsLast,
}

/// <summary>Which parameters weight decay is for; what a statement says of its own decay holds for these alone.</summary>
public enum DecayRule
{
    All,
    ExceptNorms,
    ExceptBiases,
    ExceptNormsAndBiases,
}

/// <summary>`0.1x`: times what is said elsewhere.</summary>
public readonly record struct Factor(double Value);

/// <summary>An optimizer; weight decay is coupled (added to the gradient) except for AdamW.</summary>
public abstract record OptimizerRecipe(double Lr, double WeightDecay);

[Word("sgd")]
public sealed record SgdRecipe(
    [Bounds(0, 1e3, Above = true)] double Lr = 1e-2,
    [Bounds(0, 1)] double Momentum = 0.9,
    [Bounds(0, 1)] double WeightDecay = 1e-4,
    bool Nesterov = false
) : OptimizerRecipe(Lr, WeightDecay);

[Word("adam")]
public sealed record AdamRecipe(
    [Bounds(0, 1e3, Above = true)] double Lr = 1e-4,
    [Bounds(0, 1)] double WeightDecay = 1e-4,
    [Bounds(0, 0.999999999)] double Beta1 = 0.9,
    [Bounds(0, 0.999999999)] double Beta2 = 0.999,
    [Bounds(0, 1, Above = true)] double Eps = 1e-8
) : OptimizerRecipe(Lr, WeightDecay);

[Word("adamw")]
public sealed record AdamWRecipe(
    [Bounds(0, 1e3, Above = true)] double Lr = 1e-4,
    [Bounds(0, 1)] double WeightDecay = 1e-2,
    [Bounds(0, 0.999999999)] double Beta1 = 0.9,
    [Bounds(0, 0.999999999)] double Beta2 = 0.999,
    [Bounds(0, 1, Above = true)] double Eps = 1e-8
) : OptimizerRecipe(Lr, WeightDecay);

/// <summary>The learning rate over the run, as a factor of the optimizer's.</summary>
/// <param name="Warmup">Epochs (fractions allowed) over which the factor first rises linearly from 0.</param>
public abstract record ScheduleRecipe(double Warmup);

public enum SchedulePeriod
{
    Epoch,
    Step,
}

/// <summary>(1 - progress)^power, stepped each epoch as the course did, or each step.</summary>
[Word("poly")]
public sealed record PolyRecipe(
    [Bounds(0, 100)] double Power = 0.9,
    SchedulePeriod Per = SchedulePeriod.Epoch,
    [Bounds(0, 1e6)] double Warmup = 0
) : ScheduleRecipe(Warmup);

/// <summary>Multiplied by gamma after every so many epochs.</summary>
[Word("step")]
public sealed record StepRecipe(
    [Bounds(1, 1_000_000)] int Every = 10,
    [Bounds(0, 1, Above = true)] double Gamma = 0.1,
    [Bounds(0, 1e6)] double Warmup = 0
) : ScheduleRecipe(Warmup);

/// <summary>Half a cosine from 1 down to a minimum (Loshchilov and Hutter 2017).</summary>
[Word("cosine")]
public sealed record CosineRecipe(
    [Bounds(0, 1)] double Minimum = 0,
    SchedulePeriod Per = SchedulePeriod.Step,
    [Bounds(0, 1e6)] double Warmup = 0
) : ScheduleRecipe(Warmup);

[Word("constant")]
public sealed record ConstantRecipe([Bounds(0, 1e6)] double Warmup = 0) : ScheduleRecipe(Warmup);

/// <summary>`evaluate: { }`.</summary>
/// <param name="Every">Epochs between validations; the last epoch always validates.</param>
/// <param name="Absent">Classes in neither labels nor predictions: `exclude` from the mean IoU, or count `zero` as the course
/// did.</param>
/// <param name="ContourTolerance">Pixels by which a predicted contour may miss.</param>
/// <param name="Samples">Fixed validation samples that are pictured each epoch.</param>
public sealed record EvaluateRecipe(
    [Bounds(1, 1_000_000)] int Every = 1,
    AbsentClasses Absent = AbsentClasses.Exclude,
    [Bounds(0, 100)] int ContourTolerance = 2,
    [Bounds(0, 64)] int Samples = 4
);

public enum AbsentClasses
{
    Exclude,
    Zero,
}

/// <summary>`checkpoint: { }`.</summary>
/// <param name="Every">Steps between checkpoints; 0: at the end of each epoch only.</param>
/// <param name="Keep">Newest checkpoints kept, besides the best.</param>
public sealed record CheckpointRecipe([Bounds(0, int.MaxValue)] int Every = 0, [Bounds(1, 1000)] int Keep = 2);
