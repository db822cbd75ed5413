using System.Collections.Immutable;
using System.Diagnostics;
using Mtlc.Compiler;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Evaluation;

/// <summary>How a finished run is evaluated or applied.</summary>
/// <param name="Checkpoint">"best", "last", or the name of a checkpoint.</param>
/// <param name="Device">"auto", "cpu", "cuda" or "cuda:1", as a training takes it.</param>
public sealed record InferenceOptions(string Checkpoint = "best", string Device = "auto")
{
    public CancellationToken Stop { get; init; }

    /// <summary>Told what the user should know and the work can bear.</summary>
    public Action<string>? Warned { get; init; }

    /// <summary>The unit of predicted depth.</summary>
    public DepthPng DepthUnit { get; init; } = DepthPng.Standard;

    /// <summary>Where the maps of pictures lie that the network reads beside them, by the input's name: a folder, or the file of
    /// an only picture.</summary>
    public ImmutableDictionary<string, string> Maps { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>Scores a run on a split of its data.</summary>
public static class Scoring
{
    // To which older versions cut pictures before they scored them.
    const int Multiple = 32;

    /// <param name="program">The run's program (<see cref="RunDirectory.Program"/>, compiled with its overrides).</param>
    /// <param name="progress">Images evaluated so far, and of how many.</param>
    /// <exception cref="RunException">The run has no good checkpoint, or its weights do not fit the program.</exception>
    /// <exception cref="DataException">The split is empty or cannot be read.</exception>
    public static EvaluationReport Run(
        CompiledProgram program,
        RunDirectory run,
        Split split,
        InferenceOptions? options = null,
        Action<int, int>? progress = null
    )
    {
        options ??= new();
        var source = DataSources.Open(program);
        source.RequireLabels(split);
        var statistics = StatisticsFile.Read(run);
        using var module = TrainedNetwork.Load(program, run, options, out var step);
        var clock = Stopwatch.StartNew();
        var (scores, images, corrupt, _) = Score(module, program, source, split, statistics, progress, options.Stop);
        return new(0, step, scores.Rows, scores.Score, options.Checkpoint == "best", images, clock.Elapsed, null)
        {
            Corrupt = corrupt,
            Unlabelled = scores.Unlabelled,
        };
    }

    /// <summary>Runs the inference graph over a split.</summary>
    /// <returns>Also whether a picture has margins beyond a multiple of 32.</returns>
    internal static (TaskScores Scores, int Images, ImmutableArray<string> Corrupt, bool HasMargins) Score(
        GraphModule module,
        CompiledProgram program,
        IDataSource source,
        Split split,
        TrainingStatistics statistics,
        Action<int, int>? progress,
        CancellationToken stop
    )
    {
        var loader = new EvaluationLoader(source, split, program.Data, program.Train.Batch);
        if (loader.Samples == 0)
            throw new DataException($"the data has no samples to evaluate on in its {split.Folder()} split");
        var scores = new TaskScores(
            program.Model,
            new(program.Model, statistics),
            source.Contract.ClassNames,
            program.Train.Evaluate
        );
        module.eval();
        using var inference = inference_mode();
        var (images, hasMargins) = (0, false);
        foreach (var examples in loader.Read())
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(examples, module.Parameters.Device);
            scores.Add(WholePictures.Predict(module, batch.Image), batch);
            images += batch.Count;
            hasMargins |= examples[0].Height % Multiple != 0 || examples[0].Width % Multiple != 0;
            progress?.Invoke(images, loader.Samples);
        }
        ImmutableArray<string> corrupt = [.. loader.Corrupt.Values.Order(StringComparer.Ordinal)];
        return images > 0
            ? (scores, images, corrupt, hasMargins)
            : throw new DataException($"no sample of the {split.Folder()} split can be read; the first: {corrupt[0]}");
    }
}
