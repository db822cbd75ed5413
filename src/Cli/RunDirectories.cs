using Mtlc.Cli.Files;
using Mtlc.Runtime.Checkpoints;

namespace Mtlc.Cli;

/// <summary>Opens the RUN argument of a verb.</summary>
internal static class RunDirectories
{
    /// <exception cref="Failure">There is no such folder, or it is a file.</exception>
    public static RunDirectory Open(string path)
    {
        if (File.Exists(path))
            throw Failure.InputOutput($"'{path}' is a file; a run is a folder", $"'mtlc run {path}' makes one".Replace('\n', ' '));
        if (!Directory.Exists(path))
            throw UserText.Missing(path, "no run directory");
        return RunDirectory.Open(path);
    }
}
