using Mtlc.Compiler;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Training;

namespace Mtlc.Runtime.Evaluation;

/// <summary>How a finished run is evaluated or applied.</summary>
/// <param name="Checkpoint">"best", "last", or the name of a checkpoint.</param>
/// <param name="Device">As in <see cref="TrainOptions"/>.</param>
public sealed record InferenceOptions(string Checkpoint = "best", string Device = "auto")
{
    public CancellationToken Stop { get; init; }
}

/// <summary>Scores a run on a split of its data.</summary>
public static class Evaluator
{
    /// <param name="program">The run's program (<see cref="RunDirectory.Program"/>, compiled with its overrides).</param>
    /// <param name="progress">Images evaluated so far, and of how many.</param>
    public static EvaluationReport Run(
        CompiledProgram program, RunDirectory run, Split split, InferenceOptions? options = null, Action<int, int>? progress = null) =>
        throw new NotSupportedException($"{program.Model.Name} {run.Root} {split} {options} {progress}");
}
