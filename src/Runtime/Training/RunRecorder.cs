using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Reports;

namespace Mtlc.Runtime.Training;

/// <summary>What a run writes down as it goes: `steps.csv`, `metrics.csv`, `skipped.csv`, TensorBoard events, sample pictures.</summary>
sealed class RunRecorder : IDisposable
{
    readonly RunDirectory run;
    readonly IReadOnlyList<string> losses;
    readonly CsvLog steps, skipped;
    readonly Func<long, bool> isScheduled;
    readonly long start;
    readonly EventFile events;
    CsvLog? metrics;

    /// <param name="step">Where the run continues: what older logs say of later steps is cut off.</param>
    /// <param name="isScheduled">Whether the recipe evaluates at a step; a row of another step, made at a limit, goes when the run goes on.</param>
    public RunRecorder(RunDirectory run, IReadOnlyList<string> losses, long step, Func<long, bool> isScheduled)
    {
        (this.run, this.losses, start, this.isScheduled) = (run, losses, step, isScheduled);
        steps = new(run.File("steps.csv"), ["step", "epoch", "learning_rate", "loss", .. losses.Select(l => $"loss/{l}"), "gradient_norm", "skipped"], UpTo(step));
        skipped = new(run.File("skipped.csv"), ["step", "loss", "gradient_norm", "samples"], UpTo(step));
        events = new(run.File("tensorboard"), step > 0 ? step + 1 : null);
    }

    public void Step(long step, int epoch, StepOutcome outcome, IReadOnlyList<string> samples)
    {
        steps.Add([step, epoch, outcome.LearningRate, outcome.Loss, .. outcome.Losses.Cast<object>(), outcome.GradientNorm, outcome.Skipped ? 1 : 0]);
        if (outcome.Skipped)
            skipped.Add(step, outcome.Loss, outcome.GradientNorm, string.Join(' ', samples));
        events.Scalar("train/loss", outcome.Loss, step);
        events.Scalar("train/learning_rate", outcome.LearningRate, step);
        foreach (var (name, value) in losses.Zip(outcome.Losses))
            events.Scalar($"train/{name}", value, step);
    }

    /// <param name="seconds">Since the run began.</param>
    public void Evaluation(long step, int epoch, double seconds, ImmutableArray<MetricRow> rows)
    {
        // A run that is continued at an evaluation's own step makes it again.
        metrics ??= new(
            run.File("metrics.csv"), ["step", "epoch", "seconds", .. rows.Select(r => r.Metric.Key)],
            cells => UpTo(Math.Min(start, step - 1))(cells) && isScheduled(Step(cells)));
        metrics.Add([step, epoch, Math.Round(seconds, 3), .. rows.Select(r => (object)r.Metric.Value)]);
        foreach (var row in rows.Where(r => double.IsFinite(r.Metric.Value)))
            events.Scalar($"validation/{row.Metric.Key}", row.Metric.Value, step);
        events.Flush();
    }

    /// <returns>The file's path.</returns>
    public string Samples(Picture sheet, long step, int epoch)
    {
        Directory.CreateDirectory(run.File("samples"));
        var name = epoch > 0 ? $"epoch-{epoch.ToString("D3", CultureInfo.InvariantCulture)}.png" : FormattableString.Invariant($"step-{step}.png");
        var path = Path.Combine(run.File("samples"), name);
        var png = sheet.ToPng();
        AtomicFile.Write(path, stream => stream.Write(png));
        events.Image("validation/samples", sheet.Height, sheet.Width, png, step);
        return path;
    }

    /// <summary>Makes the rows so far last.</summary>
    public void FlushToDisk()
    {
        steps.FlushToDisk();
        skipped.FlushToDisk();
        metrics?.FlushToDisk();
    }

    static Func<string[], bool> UpTo(long step) => cells => Step(cells) is var logged && logged >= 0 && logged <= step;

    static long Step(string[] cells) => long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;

    public void Dispose()
    {
        steps.Dispose();
        skipped.Dispose();
        metrics?.Dispose();
        events.Dispose();
    }
}
