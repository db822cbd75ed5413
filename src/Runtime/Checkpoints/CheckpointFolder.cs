using System.Globalization;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>The checkpoints of a run: `step-00000120`, ... . The last few and the best are kept.</summary>
public sealed class CheckpointFolder
{
    const string Prefix = "step-";

    public CheckpointFolder(string path)
    {
        Path = path;
        if (!Directory.Exists(path))
            return;
        foreach (var left in Directory.GetDirectories(path, ".*")) // unfinished when a process died
            Directory.Delete(left, recursive: true);
    }

    public string Path { get; }

    public static string NameOf(long step) => Prefix + step.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>Paths, the oldest first.</summary>
    public IReadOnlyList<string> All => !Directory.Exists(Path)
        ? []
        : [.. Directory.GetDirectories(Path, Prefix + "*").OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal)];

    /// <summary>The newest one that is whole; older ones are tried where it is not.</summary>
    /// <param name="passedOver">Told of each damaged one.</param>
    /// <exception cref="RunException">There is none.</exception>
    public Checkpoint Newest(Action<string>? passedOver = null)
    {
        foreach (var path in All.Reverse())
        {
            try
            {
                return Checkpoint.Load(path);
            }
            catch (RunException e)
            {
                passedOver?.Invoke($"{e.Message}; the checkpoint before it is taken");
            }
        }
        throw new RunException($"{Path}: there is no checkpoint to continue from");
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
                ?? throw new RunException($"{Path}: there is no checkpoint {name}; there are {string.Join(", ", All.Select(System.IO.Path.GetFileName))}");
        using var newest = Newest();
        var best = newest.Run.Best is { } b ? System.IO.Path.Combine(Path, b.Checkpoint) : newest.Path;
        return Directory.Exists(best) ? best : newest.Path;
    }

    /// <summary>Saves, then deletes what is no longer to be kept: nothing goes before its successor is durable.</summary>
    /// <returns>The new checkpoint's path.</returns>
    public string Save(RunState state, IEnumerable<(string Name, Tensor Value)> weights, IEnumerable<(string Name, Tensor Value)> optimizer, int keep)
    {
        Directory.CreateDirectory(Path);
        var path = System.IO.Path.Combine(Path, NameOf(state.Step));
        Checkpoint.Save(path, state, weights, optimizer);
        foreach (var old in All.SkipLast(keep).Where(p => System.IO.Path.GetFileName(p) != state.Best?.Checkpoint))
        {
            var doomed = System.IO.Path.Combine(Path, $".{System.IO.Path.GetFileName(old)}.old");
            Directory.Move(old, doomed); // so that nobody takes a half-deleted one for whole
            Directory.Delete(doomed, recursive: true);
        }
        return path;
    }
}
