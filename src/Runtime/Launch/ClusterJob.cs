using System.Collections.Immutable;

namespace Mtlc.Runtime.Launch;

/// <param name="Claim">The name of a PersistentVolumeClaim.</param>
/// <param name="Path">Where it is mounted.</param>
public sealed record ClusterVolume(string Claim, string Path);

/// <summary>What a job asks of a cluster. Amounts are as the cluster writes them; null leaves a thing to its defaults.</summary>
/// <param name="Name">What lists of jobs show.</param>
/// <param name="Folder">The working folder.</param>
/// <param name="Lines">Further lines of the user's own, as they are.</param>
public sealed record ClusterJob(string Name, string Folder, ImmutableArray<string> Lines)
{
    public string? Partition { get; init; }

    public string? Account { get; init; }

    public string? Time { get; init; }

    /// <summary>"2", or for Slurm "a100:2".</summary>
    public string? Gpus { get; init; }

    public int? Cpus { get; init; }

    public string? Memory { get; init; }

    public string? Image { get; init; }

    public ClusterVolume? Volume { get; init; }
}
