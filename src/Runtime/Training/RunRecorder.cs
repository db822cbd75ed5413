using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.TensorBoard;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training;

/// <summary>Where a run's logs go on. What they say of later steps is cut off, so that they end up as if the run had never
/// stopped.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="EvaluationDue">Whether the evaluation of this very step is to be made (again).</param>
/// <param name="IsScheduled">Whether the recipe evaluates at a step; an evaluation of another step, made at a limit, goes
/// too.</param>
sealed record LogPosition(long Step, bool EvaluationDue, Func<long, bool> IsScheduled)
{
    public bool KeepsStep(long step) => step >= 0 && step <= Step;

    public bool KeepsEvaluation(long step) => KeepsStep(step) && IsScheduled(step) && !(EvaluationDue && step == Step);
}

/// <summary>What a run writes down as it goes: `steps.csv`, `metrics.csv`, `skipped.csv`, TensorBoard events, sample
/// pictures.</summary>
sealed class RunRecorder : IDisposable
{
    const string Gradients = "gradients/",
        Training = "train/";

    readonly RunDirectory run;
    readonly IReadOnlyList<string> losses,
        keys;
    readonly LogPosition position;
    readonly CsvLog steps,
        skipped,
        metrics;
    readonly EventFile events;
    readonly List<Summary.Types.Value> gradients = [];

    /// <param name="losses">Names of the losses that each step tells.</param>
    /// <param name="metrics">Keys of the metrics that each evaluation tells.</param>
    public RunRecorder(RunDirectory run, IReadOnlyList<string> losses, IReadOnlyList<string> metrics, LogPosition position)
    {
        (this.run, this.losses, keys, this.position) = (run, losses, metrics, position);
        steps = new(
            run.File("steps.csv"),
            ["step", "epoch", "learning_rate", "loss", .. losses.Select(l => $"loss/{l}"), "gradient_norm", "skipped"],
            c => position.KeepsStep(Step(c))
        );
        skipped = new(run.File("skipped.csv"), ["step", "loss", "gradient_norm", "samples"], c => position.KeepsStep(Step(c)));
        this.metrics = new(
            run.File("metrics.csv"),
            ["step", "epoch", "seconds", .. metrics],
            c => position.KeepsEvaluation(Step(c))
        );
        events = new(run.File("tensorboard"), Keeps);
        if (position.Step > 0)
            return;
        var settings = RunSettings.Parse(
            RegularFile.ReadAllText(run.File(RunDirectory.Configuration)),
            run.File(RunDirectory.Configuration)
        );
        events.Write(0, HParams.Experiment(settings, metrics), HParams.Start(settings));
    }

    /// <summary>Notes how a gradient of the coming step is distributed.</summary>
    public void Gradient(string parameter, Tensor gradient) =>
        gradients.Add(Summaries.Histogram(Gradients + parameter, gradient));

    public void Step(long step, int epoch, StepOutcome outcome, IReadOnlyList<string> samples)
    {
        steps.Add([
            step,
            epoch,
            outcome.LearningRate,
            outcome.Loss,
            .. outcome.Losses.Cast<object>(),
            outcome.GradientNorm,
            outcome.Skipped ? 1 : 0,
        ]);
        if (outcome.Skipped)
            skipped.Add(step, outcome.Loss, outcome.GradientNorm, string.Join(' ', samples));
        events.Write(
            step,
            [
                Summaries.Scalar($"{Training}loss", outcome.Loss),
                Summaries.Scalar($"{Training}learning_rate", outcome.LearningRate),
                Summaries.Scalar($"{Training}gradient_norm", outcome.GradientNorm),
                .. losses.Zip(outcome.Losses, (name, value) => Summaries.Scalar(Training + name, value)),
            ]
        );
        events.Write(step, gradients);
        gradients.Clear();
    }

    /// <param name="seconds">Since the run began.</param>
    public void Evaluation(
        long step,
        int epoch,
        double seconds,
        ImmutableArray<MetricRow> rows,
        IEnumerable<(string Name, Tensor Value)> weights
    )
    {
        var values = rows.ToDictionary(r => r.Metric.Key, r => (object)r.Metric.Value);
        // Of a task without labels: empty cells.
        metrics.Add([step, epoch, Math.Round(seconds, 3), .. keys.Select(k => values.GetValueOrDefault(k))]);
        events.Write(
            step,
            [
                .. rows.Where(r => double.IsFinite(r.Metric.Value))
                    .Select(r => Summaries.Scalar($"validation/{r.Metric.Key}", r.Metric.Value)),
                .. weights.Select(w => Summaries.Histogram($"weights/{w.Name}", w.Value)),
            ]
        );
    }

    /// <returns>The file's path.</returns>
    public string Samples(Picture sheet, long step, int epoch)
    {
        Directory.CreateDirectory(run.File("samples"));
        var name =
            epoch > 0
                ? $"epoch-{epoch.ToString("D3", CultureInfo.InvariantCulture)}.png"
                : FormattableString.Invariant($"step-{step}.png");
        var path = Path.Combine(run.File("samples"), name);
        var png = sheet.ToPng();
        AtomicFile.Write(path, stream => stream.Write(png));
        events.Write(step, Summaries.Image("validation/samples", sheet, png));
        return path;
    }

    public void End(long step, TrainingOutcome outcome)
    {
        if (HParams.End(outcome) is { } end)
            events.Write(step, end);
    }

    /// <summary>Makes what was written so far last.</summary>
    public void FlushToDisk()
    {
        steps.FlushToDisk();
        skipped.FlushToDisk();
        metrics.FlushToDisk();
        events.FlushToDisk();
    }

    // All values of an event are of one kind.
    bool Keeps(Event message) =>
        position.Step > 0
        && position.KeepsStep(message.Step)
        && message.Summary.Value[0].Tag switch
        {
            HParams.EndTag => false,
            var tag
                when tag.StartsWith(HParams.Prefix, StringComparison.Ordinal)
                    || tag.StartsWith(Training, StringComparison.Ordinal) => true,
            var tag when tag.StartsWith(Gradients, StringComparison.Ordinal) => position.IsScheduled(message.Step),
            _ => position.KeepsEvaluation(message.Step),
        };

    static long Step(string[] cells) =>
        long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;

    public void Dispose()
    {
        steps.Dispose();
        skipped.Dispose();
        metrics.Dispose();
        events.Dispose();
    }
}
