using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Experiments;

/// <summary>What a point will take, as far as that can be told without training.</summary>
/// <param name="Steps">null where the data cannot be opened.</param>
/// <param name="Problem">Why they cannot.</param>
/// <param name="Misfits">What the point asks of its data that they do not have, and samples that cannot be read.</param>
public sealed record PointEstimate(
    long? Steps,
    double? Seconds,
    long MemoryBytes,
    string? Problem,
    ImmutableArray<Diagnostic> Misfits
);

/// <summary>Steps are exact, memory is that of <see cref="MemoryPlan"/>; time is rough.</summary>
/// <param name="measured">Finished runs of this machine, from which speed is taken.</param>
/// <param name="looks">Whether points are held against their data, of which some samples are read.</param>
public sealed class SweepEstimate(IEnumerable<StoredRun> measured, bool looks = false)
{
    // A guess, until a run has finished: what half of an AVX-512 core's peak gives. A training step is about three forward
    // passes.
    const double MultiplyAddsASecondAndCore = 35e9;
    const double LikeSize = 6;

    readonly Dictionary<SourceRecipe, (IDataSource? Data, string? Problem)> opened = [];
    readonly DataFit fit = new();
    readonly List<(double Work, double Speed)> speeds = [.. measured.Select(Measured).OfType<(double, double)>()];

    /// <summary>Whether any estimate so far comes from measured runs and is not guessed.</summary>
    public bool IsMeasured { get; private set; }

    public PointEstimate Of(CompiledProgram program, long? maxSteps = null)
    {
        var (data, problem) = Open(program.Data.Source);
        var crop = program.Data.Augment.Crop;
        var graph = program.Model.Training;
        long? steps = data is null
            ? null
            : Math.Min(
                (long)data.Count(Split.Train) / program.Train.StepSamples * program.Train.Epochs,
                maxSteps ?? long.MaxValue
            );
        var work = 3.0 * graph.MultiplyAdds(crop.Height, crop.Width) * program.Train.StepSamples;
        // Small networks are slower than their multiply-adds tell: only a run of like size says something.
        var like = speeds
            .Where(s => Math.Abs(Math.Log(s.Work / work)) < Math.Log(LikeSize))
            .Select(s => s.Speed)
            .Order()
            .ToList();
        IsMeasured |= like.Count > 0;
        var speed = like.Count > 0 ? like[like.Count / 2] : MultiplyAddsASecondAndCore * MachineLimits.Current.Cores;
        return new(
            steps,
            steps * work / speed,
            MemoryPlan.Of(program, program.Train.Batch, crop).TrainingPeak,
            problem,
            looks && data is not null ? fit.Of(program, data) : []
        );
    }

    /// <summary>Data that the points read; null where they cannot be opened.</summary>
    public IDataSource? DataOf(SourceRecipe source) => Open(source).Data;

    (IDataSource? Data, string? Problem) Open(SourceRecipe source)
    {
        if (opened.TryGetValue(source, out var known))
            return known;
        try
        {
            known = (DataSources.Open(source), null);
        }
        catch (DataException e)
        {
            known = (null, e.Message);
        }
        return opened[source] = known;
    }

    /// <summary>Multiply-adds of a step, backward pass included, and how many a second.</summary>
    static (double Work, double Speed)? Measured(StoredRun run)
    {
        if (run.Result is not { StepSeconds: > 0 } result || !int.TryParse(run.Settings["train.batch"], out var batch))
            return null;
        var accumulate = int.TryParse(run.Settings["train.accumulate"], out var parts) ? parts : 1; // older runs do not say
        var work = 3.0 * result.MultiplyAdds * batch * accumulate;
        return (work, work / result.StepSeconds);
    }
}
