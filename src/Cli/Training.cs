using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli;

/// <param name="Sets">The `--set path=value` in force.</param>
/// <param name="Json">The result goes to stdout as JSON and the progress to stderr.</param>
internal sealed record TrainingRequest(IReadOnlyList<string> Sets, string Device, int? MaxSteps, bool Resume, bool Json);

/// <summary>Trains before the user's eyes: what `run` and `resume` share.</summary>
internal static class Training
{
    private const string Stopping = "stopping after this step (Ctrl-C again: at once)";

    public static int Run(CompiledProgram program, string directory, TrainingRequest request)
    {
        var progress = request.Json ? Terminal.Error : Terminal.Output;
        using var stop = new StopSignals(progress.IsInteractive ? null : Stopping);
        var options = new TrainOptions(directory, request.Device, request.MaxSteps, request.Resume)
        {
            Overrides = [.. request.Sets],
            CommandLine = [.. Environment.GetCommandLineArgs().Skip(1).Prepend("mtlc")],
            Stop = stop.Token,
        };
        var tracker = new ProgressTracker();
        var result = progress.IsInteractive
            ? new RunView(progress, tracker).Watch(stop.Token, Stopping, events => Trainer.Run(program, options, events))
            : Trainer.Run(program, options, new RunLog(progress, Terminal.Error, tracker).Events);
        RunSummary.WriteEnd(progress, result, tracker);
        if (request.Json)
            WriteJson(result);
        return result.Outcome switch
        {
            TrainingOutcome.Stopped => ExitCode.Stopped,
            TrainingOutcome.Diverged => ExitCode.Diverged,
            _ => ExitCode.Done,
        };
    }

    private static void WriteJson(TrainingResult result) => JsonText.Write(Terminal.Output, json =>
    {
        json.WriteString("outcome", result.Outcome switch
        {
            TrainingOutcome.Completed => "completed",
            TrainingOutcome.StepLimit => "step_limit",
            TrainingOutcome.Stopped => "stopped",
            TrainingOutcome.Diverged => "diverged",
            _ => throw new ArgumentOutOfRangeException(nameof(result)),
        });
        json.WriteString("directory", result.Directory);
        json.WriteNumber("steps", result.Steps);
        json.WriteNumber("skipped_steps", result.Skipped);
        json.Number("seconds", result.Duration.TotalSeconds);
        if (result.Last is { } last)
            ScoresJson.Write(json, last);
    });
}
