using System.Collections.Immutable;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Training;

/// <summary>What a run is told beside its program.</summary>
/// <param name="Directory">The run directory. It must not hold a run yet, unless <paramref name="Resume"/> is set.</param>
/// <param name="Device">"cpu", "cuda", "cuda:1", or "auto": CUDA where there is one.</param>
/// <param name="MaxSteps">Stop after so many steps in all (and still evaluate); null for as many as the recipe asks for.</param>
/// <param name="Resume">Continue from the newest good checkpoint of the directory.</param>
public sealed record TrainOptions(string Directory, string Device = "auto", long? MaxSteps = null, bool Resume = false)
{
    /// <summary>Steps in a row whose loss or gradient is not finite before the run counts as diverged.</summary>
    public int DivergenceBudget { get; init; } = 10;

    /// <summary>The `--set path=value` in force, stored so that the run can be compiled again.</summary>
    public ImmutableArray<string> Overrides { get; init; } = [];

    /// <summary>The command line as typed, stored for the reader.</summary>
    public ImmutableArray<string> CommandLine { get; init; } = [];

    /// <summary>The data to train on instead of what the recipe's source opens.</summary>
    public IDataSource? Data { get; init; }

    /// <summary>The folder of stored features; null for the one in the cache.</summary>
    public string? Features { get; init; }

    /// <summary>Asks the run to finish its step, save a checkpoint and end. At least one step is made first.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Whether a run that cannot fit into memory is refused before it begins.</summary>
    public bool ChecksMemory { get; init; } = true;

    /// <summary>The memory that may be used; null for what the device and this process's limits have.</summary>
    public DeviceMemory? Memory { get; init; }

    /// <summary>Whether to store samples pictures and TensorBoard events.</summary>
    public bool Pictures { get; init; } = true;
}
