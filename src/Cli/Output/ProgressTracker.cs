using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Output;

/// <summary>Gathers what a run reports: smoothed losses and speed for the progress line, the curves for the end.</summary>
sealed class ProgressTracker
{
    /// <summary>The weight of the past in the shown averages: about the last ten steps.</summary>
    const double Memory = 0.9;

    RunPlan? plan;
    double[] losses = [];
    double speed;
    double weight;
    StepReport? last;

    public RunPlan Plan => plan ?? throw new InvalidOperationException("the run has not started");

    /// <summary>The objective at each step.</summary>
    public List<double> LossCurve { get; } = [];

    /// <summary>Every evaluation so far.</summary>
    public List<EvaluationReport> Evaluations { get; } = [];

    public void Start(RunPlan started)
    {
        plan = started;
        losses = new double[started.Losses.Length];
    }

    public void Step(StepReport step)
    {
        last = step;
        LossCurve.Add(step.Loss);
        if (step.Skipped)
            return;
        // Bias-corrected as in Adam, so that the first steps count in full.
        weight = Memory * weight + (1 - Memory);
        speed = Memory * speed + (1 - Memory) * step.ImagesPerSecond;
        for (var i = 0; i < losses.Length; i++)
            losses[i] = Memory * losses[i] + (1 - Memory) * step.Losses[i];
    }

    public void Evaluation(EvaluationReport evaluation) => Evaluations.Add(evaluation);

    public ProgressState State =>
        new(
            last?.Epoch ?? 1,
            Plan.Epochs,
            last?.Step ?? Plan.FirstStep,
            Plan.Steps,
            [.. Plan.Losses.Select((name, i) => (name, weight > 0 ? losses[i] / weight : double.NaN))],
            weight > 0 ? speed / weight : 0,
            last?.Remaining
        );

    /// <summary>The line of an epoch, in parts: what was trained, then the headline of each task, then the score if it is
    /// another.</summary>
    public IReadOnlyList<string> Epoch(EvaluationReport evaluation)
    {
        // A run that stops within an epoch is evaluated there.
        var isWhole = Plan.StepsPerEpoch > 0 && evaluation.Step % Plan.StepsPerEpoch == 0;
        var epoch = $"{evaluation.Epoch}".PadLeft($"{Plan.Epochs}".Length);
        List<string> parts = [isWhole ? $"epoch {epoch}/{Plan.Epochs}" : $"step {evaluation.Step}/{Plan.Steps}"];
        parts.AddRange(State.Losses.Where(l => double.IsFinite(l.Loss)).Select(l => $"{l.Task} {Quantity.Figures(l.Loss, 3)}"));
        parts.AddRange(Headlines(evaluation).Select(ScoreTable.Headline));
        if (evaluation.IsBest && evaluation.Epoch > 1)
            parts.Add("best so far");
        return parts;
    }

    /// <summary>The first metric of each task, and the score where it belongs to no single task.</summary>
    public static IEnumerable<Runtime.Metrics.Metric> Headlines(EvaluationReport evaluation)
    {
        var headlines = evaluation
            .Rows.Select(r => r.Metric)
            .Where(m => m.Key.Contains('/', StringComparison.Ordinal))
            .GroupBy(m => MetricNames.Split(m.Key).Task)
            .Select(g => g.First())
            .ToList();
        return double.IsNaN(evaluation.Score.Value) || headlines.Any(m => m.Key == evaluation.Score.Key)
            ? headlines
            : headlines.Append(evaluation.Score);
    }
}
