using System.Collections.Immutable;

namespace Mtlc.Runtime.Tracking;

/// <summary>What another program is told of a run as it begins.</summary>
/// <param name="Directory">The run directory.</param>
/// <param name="Settings">The resolved recipe, by path.</param>
/// <param name="Facts">What else is worth knowing: digests, versions, the machine.</param>
public sealed record TrackedRun(
    string Directory,
    ImmutableArray<KeyValuePair<string, string>> Settings,
    ImmutableArray<KeyValuePair<string, string>> Facts
)
{
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Directory)));
}

/// <summary>A number of a step: "train/loss", "validation/semseg/mean_iou", "system/memory_mb", in the tracker's
/// spelling.</summary>
public readonly record struct TrackedNumber(string Key, double Value, long Step, DateTimeOffset Time);

public enum TrackedEnd
{
    Finished,
    Failed,

    /// <summary>Stopped on request; may go on.</summary>
    Stopped,
}

/// <summary>
/// A program that collects runs. All calls come from one thread, which waits for nothing else; they throw
/// <see cref="TrackerException"/> where the other side does not answer as it should, and then <see cref="Open"/> is called again.
/// </summary>
public abstract class Tracker : IDisposable
{
    /// <summary>What it is, for messages, without secrets.</summary>
    public abstract string Title { get; }

    /// <summary>Where a person can look at the run; null while it is not known.</summary>
    public abstract string? Page { get; }

    /// <summary>The name of a number as this program takes it.</summary>
    public abstract string KeyOf(string name);

    /// <summary>Finds the run that the directory was tracked as before, or makes a new one.</summary>
    /// <returns>The newest step that the other side has of each number.</returns>
    public abstract IReadOnlyDictionary<string, long> Open(TrackedRun run, CancellationToken stop);

    public abstract void Log(IReadOnlyList<TrackedNumber> numbers, CancellationToken stop);

    /// <param name="path">The file.</param>
    /// <param name="place">Its path in the run directory, with slashes.</param>
    public abstract void Store(string path, string place, CancellationToken stop);

    public abstract void End(TrackedEnd end, CancellationToken stop);

    public abstract void Dispose();
}

/// <summary>A tracker that cannot be used, does not answer, or refuses.</summary>
public sealed class TrackerException : Exception
{
    public TrackerException(string message)
        : base(message) { }

    public TrackerException(string message, Exception? inner)
        : base(message, inner) { }

    /// <summary>The same request would be refused again.</summary>
    public bool IsRefusal { get; init; }
}
