using System.Globalization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>The checkpoints of a run: `step-00000120`, ... . The last few and the best are kept.</summary>
public sealed class CheckpointFolder
{
    const string Prefix = "step-";

    public CheckpointFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Clears what a process that died left unfinished. For the holder of the run's lock alone: others would clear a
    /// living one's work.</summary>
    public void Recover()
    {
        if (!Directory.Exists(Path))
            return;
        foreach (var left in Directory.GetDirectories(Path, ".*"))
        {
            var name = System.IO.Path.GetFileName(left);
            var original = name.EndsWith(Checkpoint.Replaced, StringComparison.Ordinal)
                ? System.IO.Path.Combine(Path, name[1..^Checkpoint.Replaced.Length])
                : null;
            if (original is not null && !Directory.Exists(original)) // died before the new one came into its place
                Directory.Move(left, original);
            else
                Directory.Delete(left, recursive: true);
        }
    }

    public static string NameOf(long step) => Prefix + step.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>Paths, the oldest first.</summary>
    public IReadOnlyList<string> All =>
        !Directory.Exists(Path)
            ? []
            : [.. Directory.GetDirectories(Path, Prefix + "*").OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal)];

    /// <summary>The newest one that is whole; older ones are tried where it is not.</summary>
    /// <param name="passedOver">Told of each damaged one.</param>
    /// <exception cref="RunException">There is none, or one was written by a newer version of mtlc.</exception>
    public Checkpoint Newest(Action<string>? passedOver = null) => Newest(Checkpoint.Load, passedOver);

    T Newest<T>(Func<string, T> load, Action<string>? passedOver = null)
    {
        foreach (var path in All.Reverse())
        {
            try
            {
                return load(path);
            }
            catch (RunException e) when (!e.IsFromNewerVersion)
            {
                passedOver?.Invoke($"{e.Message}; the checkpoint before it is tried");
            }
        }
        throw new RunException(
            All.Count == 0
                ? $"{Path}: there is no checkpoint to continue from"
                : $"{Path}: none of the {All.Count} checkpoints is whole; start the run again in another directory (--out)"
        );
    }

    /// <summary>The path of "last", "best" or a checkpoint by name.</summary>
    /// <exception cref="RunException">There is none.</exception>
    public string Find(string name)
    {
        if (All.Count == 0)
            throw new RunException($"{Path}: the run has no checkpoint yet");
        if (name == "last")
            return All[^1];
        if (name != "best")
            return All.FirstOrDefault(p => System.IO.Path.GetFileName(p) == name)
                ?? throw new RunException(
                    $"{Path}: there is no checkpoint {name}; there are "
                        + $"{string.Join(", ", All.Select(System.IO.Path.GetFileName))}"
                );
        // Not the newest checkpoint itself, whose tensors are three times the network.
        var (newest, best) = Newest(path => (path, Checkpoint.LoadState(path).Best?.Checkpoint));
        return All.FirstOrDefault(p => System.IO.Path.GetFileName(p) == best) ?? newest;
    }

    /// <summary>Saves, then deletes what is no longer to be kept: nothing goes before its successor is durable.</summary>
    /// <param name="requireOwn">Throws where the run's directory is no longer its own: called before anything is made, and before
    /// it is named.</param>
    /// <returns>The new checkpoint's path.</returns>
    public string Save(RunState state, TensorCopies weights, TensorCopies optimizer, int keep, Action? requireOwn = null)
    {
        requireOwn?.Invoke();
        if (AtomicFile.TryMakeFolder(Path)) // that alone: a run's directory that was deleted is not made again
            AtomicFile.FlushFolder(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        var path = System.IO.Path.Combine(Path, NameOf(state.Step));
        Checkpoint.Save(path, state, weights, optimizer, requireOwn);
        // Later steps are damaged ones that were passed over when the run was resumed before them.
        var (all, name) = (All.ToList(), System.IO.Path.GetFileName(path));
        var here = all.FindIndex(p => System.IO.Path.GetFileName(p) == name);
        var kept = all.Take(here + 1).TakeLast(keep);
        foreach (var old in all.Except(kept).Where(p => System.IO.Path.GetFileName(p) != state.Best?.Checkpoint))
        {
            var doomed = System.IO.Path.Combine(Path, $".{System.IO.Path.GetFileName(old)}.old");
            Directory.Move(old, doomed); // so that nobody takes a half-deleted one for whole
            Directory.Delete(doomed, recursive: true);
        }
        return path;
    }
}
