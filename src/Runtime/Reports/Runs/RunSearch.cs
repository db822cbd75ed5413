using System.Globalization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>
/// Looks for run directories below a folder: a few levels down, through so many folders, and not through links, so that a folder
/// that holds a whole disk is answered soon. </summary>
/// <param name="damaged">Told of what cannot be read, and of a search that was not brought to its end.</param>
sealed class RunSearch(Action<string>? damaged)
{
    /// <summary>runs/STUDY/SWEEP/POINT is three; and so many folders are listed in a few seconds.</summary>
    public const int Levels = 6,
        MostFolders = 10_000;

    int visited;
    bool isCut;

    /// <returns>In the order of their paths or of the sweep.</returns>
    public IEnumerable<StoredRun> Below(string folder)
    {
        foreach (var run in Search(folder, 0))
            yield return run;
        if (isCut)
            damaged?.Invoke(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{folder}: the search for runs ended after {Levels} levels and {MostFolders} folders; name a folder that "
                        + $"holds run directories (with a {RunDirectory.Configuration} each)"
                )
            );
    }

    IEnumerable<StoredRun> Search(string folder, int level)
    {
        visited++;
        if (File.Exists(Path.Combine(folder, RunDirectory.Configuration)))
            return Open(folder) is { } run ? [run] : [];
        if (level > 0 && new DirectoryInfo(folder).LinkTarget is not null)
            return [];
        if (level == Levels || visited > MostFolders)
        {
            isCut = true;
            return [];
        }
        return Folders(folder).SelectMany(d => Search(d, level + 1));
    }

    StoredRun? Open(string folder)
    {
        try
        {
            return StoredRun.Open(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            damaged?.Invoke(e is RunException ? e.Message : $"{folder}: cannot be read: {e.Message}");
            return null;
        }
    }

    IReadOnlyList<string> Folders(string folder)
    {
        try
        {
            return !Directory.Exists(folder)
                ? []
                :
                [
                    .. Directory
                        .EnumerateDirectories(folder)
                        .Take(MostFolders)
                        .Where(d => !Path.GetFileName(d).StartsWith('.'))
                        .OrderBy(Place(folder))
                        .ThenBy(d => d, StringComparer.Ordinal),
                ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            damaged?.Invoke($"{folder}: cannot be read: {e.Message}");
            return [];
        }
    }

    /// <summary>Runs of a sweep in the order of its points, which `plan.csv` tells.</summary>
    static Func<string, int> Place(string folder)
    {
        var plan = Path.Combine(folder, "plan.csv");
        var order = File.Exists(plan)
            ? [.. RegularFile.ReadAllLines(plan).Select(Csv.Cells).Where(c => c.Length > 1).Select(c => c[1])]
            : new List<string>();
        return directory => order.IndexOf(Path.GetFileName(directory)) is >= 0 and var place ? place : int.MaxValue;
    }
}
