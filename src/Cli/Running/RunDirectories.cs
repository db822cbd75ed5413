using System.Globalization;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Runtime.Checkpoints;

namespace Mtlc.Cli.Running;

/// <summary>Opens the RUN argument of a verb, and makes the folder of a run that was given none.</summary>
static class RunDirectories
{
    /// <exception cref="Failure">There is no such folder, or it is a file.</exception>
    public static RunDirectory Open(string path)
    {
        if (File.Exists(path))
            throw Failure.InputOutput(
                $"'{path}' is a file; a run is a folder",
                $"'mtlc run {path}' makes one".Replace('\n', ' ')
            );
        if (!Directory.Exists(path))
            throw UserText.Missing(path, "no run directory");
        return RunDirectory.Open(path);
    }

    /// <summary>Makes the folder of a run that was given none: two that begin in the same second each make their own.</summary>
    public static string MakeFree(string model)
    {
        const string all = "runs";
        OutputPath.Folder(all);
        return RunDirectory.MakeFree(all, $"{model}-{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}");
    }

    /// <summary>Takes the folder away again where the run ended before it wrote anything.</summary>
    public static void GiveBack(string made)
    {
        try
        {
            if (Directory.Exists(made) && !Directory.EnumerateFileSystemEntries(made).Any())
                Directory.Delete(made);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // The run has said what is wrong.
        }
    }
}
