using System.Globalization;
using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>Whether the disk will hold a run's checkpoints: asked before training, not found out after hours of it.</summary>
static class FreeSpace
{
    // Headers, JSON, logs.
    const long Margin = 1 << 20;

    /// <param name="kept">Checkpoints that will lie there at the same time, one that is being written included.</param>
    /// <exception cref="RunException">There is less room than they will need.</exception>
    public static void Require(CheckpointFolder folder, string root, int kept, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        var one = tensors.Sum(t => t.Value.numel() * t.Value.ElementSize) + Margin / 8;
        if (Available(root) is not { } available)
            return;
        var needed = kept * one + Margin - Math.Min(kept * one, folder.All.Sum(Size));
        if (available < needed)
            throw new RunException(
                $"{root}: its disk has {Megabytes(available)} MB free, and the run needs {Megabytes(needed)} MB for up to "
                    + $"{kept} checkpoints of "
                    + $"{Megabytes(one)} MB; make room, choose a directory on another disk (--out), or set "
                    + $"train.checkpoint.keep lower"
            );
    }

    static long Size(string checkpoint) => new DirectoryInfo(checkpoint).EnumerateFiles().Sum(f => f.Length);

    static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.#", CultureInfo.InvariantCulture);

    static long? Available(string path)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a file system that does not tell
        }
    }
}
