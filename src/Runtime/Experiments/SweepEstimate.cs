using Mtlc.Compiler;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Experiments;

/// <summary>What a point will take, as far as that can be told without training.</summary>
/// <param name="Steps">null where the data cannot be opened.</param>
/// <param name="Problem">Why they cannot.</param>
public sealed record PointEstimate(long? Steps, double? Seconds, long MemoryBytes, string? Problem);

/// <summary>Steps are exact; time and memory are rough.</summary>
/// <param name="measured">Finished runs of this machine, from which speed is taken.</param>
public sealed class SweepEstimate(IEnumerable<StoredRun> measured)
{
    // A training step is about three forward passes. Measured on two AVX-512 cores: 70 G multiply-adds a second, whatever the network.
    const double MultiplyAddsASecondAndCore = 35e9;
    const long Baseline = 200L << 20; // the process with libtorch, before any network

    readonly Dictionary<DataRecipe, (long Count, string? Problem)> counts = [];
    readonly List<double> speeds = [.. measured.Select(Speed).Where(s => s > 0)];

    /// <summary>Whether runs of this machine were measured, or a typical speed is assumed.</summary>
    public bool IsMeasured => speeds.Count > 0;

    public PointEstimate Of(CompiledProgram program, long? maxSteps = null)
    {
        var (samples, problem) = Samples(program.Data);
        var crop = program.Data.Augment.Crop;
        var graph = program.Model.Training;
        long? steps = problem is null ? Math.Min(samples / program.Train.Batch * program.Train.Epochs, maxSteps ?? long.MaxValue) : null;
        var work = 3.0 * graph.MultiplyAdds(crop.Height, crop.Width) * program.Train.Batch;
        var speed = IsMeasured ? speeds.Order().ElementAt(speeds.Count / 2) : MultiplyAddsASecondAndCore * Environment.ProcessorCount;
        var activations = 4L * program.Train.Batch * graph.Nodes.Sum(n => n.Shape.Elements(crop.Height, crop.Width));
        var states = program.Train.Optimizer is SgdRecipe ? 3 : 4; // weight, gradient, and one or two moments
        return new(steps, steps * work / speed, Baseline + 4L * states * graph.TrainableCount + activations, problem);
    }

    (long Count, string? Problem) Samples(DataRecipe data)
    {
        if (counts.TryGetValue(data, out var known))
            return known;
        try
        {
            known = (DataSources.Open(data.Source).Count(Split.Train), null);
        }
        catch (DataException e)
        {
            known = (0, e.Message);
        }
        return counts[data] = known;
    }

    /// <summary>Multiply-adds a second, backward pass included.</summary>
    static double Speed(StoredRun run) =>
        run.Result is { StepSeconds: > 0 } result && int.TryParse(run.Settings["train.batch"], out var batch) ? 3.0 * result.MultiplyAdds * batch / result.StepSeconds : 0;
}
