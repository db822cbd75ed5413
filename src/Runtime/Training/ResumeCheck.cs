using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training;

/// <summary>What <see cref="ResumeCheck"/> is told.</summary>
/// <param name="Directory">An empty folder to work in; the two runs are left there.</param>
/// <param name="Steps">How far to train.</param>
/// <param name="Stops">After which steps to stop and resume, each from 1 to <paramref name="Steps"/> - 1.</param>
public sealed record ResumeCheckOptions(string Directory, long Steps, ImmutableArray<long> Stops, string Device = "auto")
{
    /// <summary>The data to train on instead of what the recipe's source opens.</summary>
    public IDataSource? Data { get; init; }

    public CancellationToken Stop { get; init; }
}

/// <summary>One thing that two runs must have in common.</summary>
/// <param name="What">"weights", "optimizer", "state", "steps.csv", "metrics.csv".</param>
/// <param name="Digest">SHA-256 in the undisturbed run, in lower-case hexadecimal digits.</param>
/// <param name="Difference">Where the two first differ; null where they are equal to the last bit.</param>
public sealed record ResumeComparison(string What, string Digest, string? Difference);

/// <summary>Proves on a program that stopping and resuming leaves no trace: trains it undisturbed, trains it with stops,
/// compares.</summary>
public static class ResumeCheck
{
    const string Undisturbed = "undisturbed",
        Stopped = "stopped";

    /// <param name="resumed">Told of each stop, by its step.</param>
    /// <exception cref="ArgumentException">A stop is not one of the steps before the last.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop itself.</exception>
    public static ImmutableArray<ResumeComparison> Run(
        CompiledProgram program,
        ResumeCheckOptions options,
        Action<long>? resumed = null
    )
    {
        if (options.Stops.FirstOrDefault(s => s < 1 || s >= options.Steps) is var wrong and not 0)
            throw new ArgumentException(
                FormattableString.Invariant($"a run of {options.Steps} steps cannot be stopped after step {wrong}")
            );
        var whole = Train(program, options, Undisturbed, null);
        foreach (var stop in options.Stops.Distinct().Order())
        {
            // An epoch shorter than thought would end the run before the stop.
            if (Train(program, options, Stopped, stop).Steps != stop)
                break;
            resumed?.Invoke(stop);
        }
        Train(program, options, Stopped, null);
        using var a = Checkpoint(options, Undisturbed);
        using var b = Checkpoint(options, Stopped);
        return
        [
            new("weights", a.Weights.Sha256, Difference(a.Weights, b.Weights)),
            new("optimizer", a.OptimizerState.Sha256, Difference(a.OptimizerState, b.OptimizerState)),
            Text("state", Lines(a.Run.ToJson()), Lines(b.Run.ToJson())),
            Text("steps.csv", Rows(options, Undisturbed, "steps.csv"), Rows(options, Stopped, "steps.csv")),
            // "seconds" is the one column that a stop may change.
            Text(
                "metrics.csv",
                Rows(options, Undisturbed, "metrics.csv", without: 2),
                Rows(options, Stopped, "metrics.csv", without: 2)
            ),
        ];
    }

    static TrainingResult Train(CompiledProgram program, ResumeCheckOptions options, string name, long? stopAfter)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(options.Stop);
        var run = new TrainOptions(Path.Combine(options.Directory, name), options.Device, options.Steps, Resume: true)
        {
            Data = options.Data,
            Pictures = false,
            Stop = source.Token,
        };
        var result = Trainer.Run(
            program,
            run,
            new()
            {
                Stepped = step =>
                {
                    if (step.Step == stopAfter)
                        source.Cancel();
                },
            }
        );
        options.Stop.ThrowIfCancellationRequested();
        return result;
    }

    static Checkpoint Checkpoint(ResumeCheckOptions options, string name) =>
        RunDirectory.Open(Path.Combine(options.Directory, name)).Checkpoints.Newest();

    static string? Difference(SafeTensors a, SafeTensors b)
    {
        if (a.Sha256 == b.Sha256)
            return null;
        using var scope = NewDisposeScope();
        var differing = a
            .Tensors.Where(t => !b.Tensors.TryGetValue(t.Key, out var other) || !Same(t.Value, other))
            .Select(t => t.Key)
            .ToArray();
        return differing is [var first, ..]
            ? FormattableString.Invariant($"{differing.Length} of {a.Tensors.Count} tensors differ, the first is {first}")
            : "the files' headers differ";
    }

    static bool Same(Tensor a, Tensor b) =>
        a.shape.AsSpan().SequenceEqual(b.shape) && a.dtype == b.dtype && a.eq(b).all().item<bool>();

    static ResumeComparison Text(string what, string[] a, string[] b)
    {
        var at = Enumerable
            .Range(0, Math.Max(a.Length, b.Length))
            .FirstOrDefault(i => a.ElementAtOrDefault(i) != b.ElementAtOrDefault(i), -1);
        var digest = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', a)))
        );
        return new(
            what,
            digest,
            at < 0
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"line {at + 1} is \"{b.ElementAtOrDefault(at) ?? "missing"}\" instead of "
                        + $"\"{a.ElementAtOrDefault(at) ?? "missing"}\""
                )
        );
    }

    static string[] Lines(byte[] json) => System.Text.Encoding.UTF8.GetString(json).Split('\n');

    static string[] Rows(ResumeCheckOptions options, string name, string file, int without = -1) =>
        [
            .. RegularFile
                .ReadAllLines(Path.Combine(options.Directory, name, file))
                .Select(l => Csv.Row(Csv.Cells(l).Where((_, i) => i != without))),
        ];
}
