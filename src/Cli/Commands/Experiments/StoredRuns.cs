using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>The runs that a verb was given: run directories, or folders that hold some.</summary>
static class StoredRuns
{
    /// <exception cref="Failure">A folder does not exist, or there is no run in any.</exception>
    public static List<StoredRun> Find(IEnumerable<string> folders)
    {
        var found = new List<StoredRun>();
        foreach (var folder in folders)
        {
            if (!Directory.Exists(folder))
                throw UserText.Missing(folder, "no folder");
            found.AddRange(
                StoredRun.Find(
                    folder,
                    message => Terminal.Error.WriteLine($"{Terminal.Error.Style("warning", Ink.Yellow)}: {message}")
                )
            );
        }
        return [.. found.DistinctBy(r => Path.GetFullPath(r.Root))];
    }

    /// <summary>The one run that a path or the name of a folder among the given means.</summary>
    public static StoredRun Pick(string name, IReadOnlyList<StoredRun> runs, string option)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        return runs.FirstOrDefault(r => Path.TrimEndingDirectorySeparator(Path.GetFullPath(r.Root)) == full)
            ?? (runs.Where(r => r.Name == name).ToList() is [var only] ? only : null)
            ?? throw Failure.Usage(
                $"'{option} {name}' is none of the runs",
                $"the runs are {string.Join(", ", runs.Take(8).Select(r => r.Root))}{(runs.Count > 8 ? ", ..." : "")}"
            );
    }
}
