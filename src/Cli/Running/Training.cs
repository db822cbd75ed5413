using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Compiler.Lowering;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Tracking;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Running;

/// <param name="Sets">The `--set path=value` in force.</param>
/// <param name="Json">The result goes to stdout as JSON and the progress to stderr.</param>
/// <param name="Tracker">Another program that is told of the run, as `--tracker` has it.</param>
/// <param name="Log">A file to which the progress is appended instead.</param>
sealed record TrainingRequest(
    IReadOnlyList<string> Sets,
    string Device,
    int? MaxSteps,
    bool Resume,
    bool Json,
    string? Tracker,
    string? Log = null
)
{
    /// <summary>Whether what cannot fit into memory is refused.</summary>
    public bool ChecksMemory { get; init; } = true;
}

/// <summary>Trains before the user's eyes: what `run` and `resume` share.</summary>
static class Training
{
    /// <summary>Tells a child to stop, as a signal would, when its standard input ends: its parent is gone, or asks it
    /// to.</summary>
    public const string StopsWithInput = "MTLC_STOPS_WITH_INPUT";

    const string Stopping = "stopping after this step (Ctrl-C again: at once)";

    /// <summary>How long the end of a run may be held up by a tracker; batch systems kill what does not stop in half a
    /// minute.</summary>
    static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(30),
        LongestStop = TimeSpan.FromSeconds(10);

    public static int Run(CompiledProgram program, string directory, TrainingRequest request)
    {
        using var file = request.Log is null ? null : Append(request.Log);
        var log = file is null ? null : new Terminal(file, false, false, null);
        var progress = (log ?? (request.Json ? Terminal.Error : Terminal.Output)).Unfailing(Terminal.Error, "progress");
        using var stop = new StopSignals(progress.IsInteractive ? null : Stopping);
        if (Environment.GetEnvironmentVariable(StopsWithInput) == "1")
            stop.StopWhenInputEnds();
        var options = new TrainOptions(directory, request.Device, request.MaxSteps, request.Resume)
        {
            ChecksMemory = request.ChecksMemory,
            Overrides = [.. request.Sets],
            CommandLine = [.. Environment.GetCommandLineArgs().Skip(1).Prepend("mtlc")],
            Stop = stop.Token,
        };
        var tracker = new ProgressTracker();
        using var tracking = request.Tracker is null ? null : new RunTracking(OpenTracker(request.Tracker), directory);
        TrainingResult? result = null;
        try
        {
            result = progress.IsInteractive
                ? new RunView(progress, tracker).Watch(stop.Token, Stopping, Train)
                : Train(new RunLog(progress, log ?? Terminal.Error, tracker).Events);
        }
        catch (ContractException exception)
        {
            Programs.Show(exception.Diagnostics);
            return ExitCode.ProgramErrors;
        }
        finally
        {
            foreach (
                var warning in tracking?.End(result?.Outcome, stop.Token.IsCancellationRequested ? LongestStop : LongestFarewell)
                    ?? []
            )
                (log ?? Terminal.Error).WriteWarning(warning);
        }
        RunSummary.WriteEnd(progress, result, tracker, tracking?.Page);
        if (request.Json)
            WriteJson(result);
        return result.Outcome switch
        {
            TrainingOutcome.Stopped => ExitCode.Stopped,
            TrainingOutcome.Diverged => ExitCode.Diverged,
            _ => ExitCode.Done,
        };

        TrainingResult Train(TrainingEvents events) => Trainer.Run(program, options, tracking?.Watch(events) ?? events);
    }

    /// <exception cref="Failure">There is no such tracker, or it lacks something.</exception>
    public static Tracker OpenTracker(string name, bool forManyRuns = false)
    {
        try
        {
            return Trackers.Create(name, Environment.GetEnvironmentVariable, forManyRuns);
        }
        catch (TrackerException exception)
        {
            throw Failure.Usage(exception.Message);
        }
    }

    static StreamWriter Append(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        return new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    static void WriteJson(TrainingResult result) =>
        JsonText.Write(
            Terminal.Output,
            json =>
            {
                json.WriteString(
                    "outcome",
                    result.Outcome switch
                    {
                        TrainingOutcome.Completed => "completed",
                        TrainingOutcome.StepLimit => "step_limit",
                        TrainingOutcome.Stopped => "stopped",
                        TrainingOutcome.Diverged => "diverged",
                        _ => throw new ArgumentOutOfRangeException(nameof(result)),
                    }
                );
                json.WriteString("directory", result.Directory);
                json.WriteNumber("steps", result.Steps);
                json.WriteNumber("skipped_steps", result.Skipped);
                json.WriteStartArray("corrupt_samples");
                foreach (var reason in result.CorruptSamples)
                    json.WriteStringValue(reason);
                json.WriteEndArray();
                json.Number("seconds", result.Duration.TotalSeconds);
                if (result.Last is { } last)
                    ScoresJson.Write(json, last);
            }
        );
}
