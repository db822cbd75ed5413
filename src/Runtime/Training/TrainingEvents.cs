using System.Collections.Immutable;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Weights;

namespace Mtlc.Runtime.Training;

/// <summary>What a run tells its watcher while it goes on. All calls come from the thread that trains.</summary>
public sealed record TrainingEvents
{
    public Action<RunPlan>? Started { get; init; }
    public Action<StepReport>? Stepped { get; init; }

    /// <summary>Images evaluated so far, and of how many.</summary>
    public Action<int, int>? Evaluating { get; init; }

    public Action<EvaluationReport>? Evaluated { get; init; }

    /// <summary>Pretrained weights are on their way; from the thread that downloads.</summary>
    public Action<DownloadProgress>? Downloading { get; init; }

    /// <summary>An encoder has got its pretrained weights.</summary>
    public Action<LoadedWeights>? Pretrained { get; init; }

    /// <summary>A checkpoint is complete; its directory.</summary>
    public Action<string>? Saved { get; init; }

    /// <summary>Something the user may want to know of how the run goes about it.</summary>
    public Action<string>? Informed { get; init; }

    /// <summary>Something the user should know and the run can bear: a skipped step, a damaged checkpoint passed over, a corrupt
    /// sample.</summary>
    public Action<string>? Warned { get; init; }
}

/// <summary>What will be done.</summary>
/// <param name="Steps">Steps of the whole run, those before a resumption included.</param>
/// <param name="FirstStep">Steps already done.</param>
/// <param name="Losses">Names of the logged losses in the order of the program.</param>
public sealed record RunPlan(
    string Directory,
    string Device,
    long Steps,
    long StepsPerEpoch,
    int Epochs,
    long FirstStep,
    long TrainableParameters,
    int TrainingSamples,
    int ValidationSamples,
    ImmutableArray<string> Losses
);

/// <summary>One training step.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="Epoch">The epoch it belongs to, from 1.</param>
/// <param name="Loss">The objective.</param>
/// <param name="Losses">Each loss before its weight, in the order of <see cref="RunPlan.Losses"/>.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="Skipped">Whether the optimizer was not run because a loss or gradient was not finite.</param>
/// <param name="Duration">Time the step took, waiting for data included.</param>
/// <param name="Remaining">Estimate for the rest of the training steps, evaluations not included.</param>
public sealed record StepReport(
    long Step,
    int Epoch,
    double LearningRate,
    double Loss,
    ImmutableArray<double> Losses,
    double GradientNorm,
    bool Skipped,
    int Images,
    TimeSpan Duration,
    TimeSpan Remaining
)
{
    public double ImagesPerSecond => Images / Math.Max(1e-9, Duration.TotalSeconds);
}

/// <summary>How a run ended.</summary>
/// <param name="Steps">Steps done in all.</param>
/// <param name="Skipped">Steps whose loss or gradient was not finite, in all.</param>
/// <param name="CorruptSamples">Samples that could not be read and were replaced, or left out of evaluations (`corrupt: skip`),
/// with the reason.</param>
/// <param name="Last">The last evaluation; null where the run ended before one.</param>
/// <param name="Message">What happened, where it diverged.</param>
public sealed record TrainingResult(
    TrainingOutcome Outcome,
    string Directory,
    long Steps,
    long Skipped,
    ImmutableArray<string> CorruptSamples,
    EvaluationReport? Last,
    EvaluationReport? Best,
    TimeSpan Duration,
    string? Message = null
);
