using System.Diagnostics;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Output;

/// <summary>A run shown as plain lines, for logs and pipes: every tenth of an epoch or half minute, and after each
/// epoch.</summary>
sealed class RunLog(Terminal output, Terminal error, ProgressTracker tracker)
{
    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);
    long lastStep;
    long lastTime = Stopwatch.GetTimestamp();

    public TrainingEvents Events =>
        new()
        {
            Started = plan =>
            {
                tracker.Start(plan);
                lastStep = plan.FirstStep;
                RunSummary.WriteStart(output, plan);
            },
            Stepped = Step,
            Evaluated = evaluation =>
            {
                tracker.Evaluation(evaluation);
                Write(string.Join("  ", tracker.Epoch(evaluation)));
            },
            Downloading = progress =>
            {
                if (
                    progress.Received == 0
                    || progress.Received == progress.Total
                    || Stopwatch.GetElapsedTime(lastTime) >= LongestSilence
                )
                {
                    lastTime = Stopwatch.GetTimestamp();
                    Write(WeightsText.Download(progress));
                }
            },
            Pretrained = encoder => Write(WeightsText.Loaded(encoder)),
            Informed = Write,
            Warned = warning => error.WriteWarning(warning),
        };

    void Step(StepReport step)
    {
        tracker.Step(step);
        var interval = Math.Max(1, tracker.Plan.StepsPerEpoch / 10);
        var isDue =
            step.Step == tracker.Plan.FirstStep + 1
            || step.Step - lastStep >= interval
            || step.Step == tracker.Plan.Steps
            || Stopwatch.GetElapsedTime(lastTime) >= LongestSilence;
        if (!isDue)
            return;
        (lastStep, lastTime) = (step.Step, Stopwatch.GetTimestamp());
        Write(ProgressLine.Log(tracker.State));
    }

    void Write(string line)
    {
        output.WriteLine(line);
        output.Writer.Flush();
    }
}
