using System.Collections.Concurrent;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>
/// The folder that a data set lives in. Nothing outside it is ever read on the data's behalf: paths that climb out of it and
/// symbolic links that lead out of it are refused (the folder itself may be a link).
/// </summary>
sealed class DataRoot
{
    const int MostChecked = 4096;

    readonly ConcurrentDictionary<string, bool> checkedFolders = new(StringComparer.Ordinal);
    readonly string realRoot;

    /// <exception cref="DataException">There is no such folder.</exception>
    public DataRoot(string path)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(Root))
            throw new DataException(File.Exists(Root) ? $"{Root}: a file; a data set is a folder" : $"{Root}: no such folder");
        realRoot = RealPath(Root);
    }

    public string Root { get; }

    /// <summary>The full path of a file given relative to the root, with / between its parts. The file need not exist.</summary>
    /// <exception cref="DataException">The path, or a link on it, leads out of the root.</exception>
    public string Resolve(string relative)
    {
        var climbs = relative.Split('/', '\\').Contains("..");
        if (relative.Length == 0 || relative.Contains('\0') || Path.IsPathRooted(relative) || climbs)
            throw new DataException(
                $"{relative}: a path inside the data set must be relative to {Root} and may not contain '..'"
            );
        var full = Path.GetFullPath(Path.Combine(Root, relative));
        var folder = Path.GetDirectoryName(full)!;
        if (!checkedFolders.ContainsKey(folder))
        {
            CheckInside(full, RealPath(folder));
            if (checkedFolders.Count >= MostChecked)
                checkedFolders.Clear(); // data may have a folder a sample
            checkedFolders[folder] = true;
        }
        if (new FileInfo(full).LinkTarget is not null)
            CheckInside(full, RealPath(full));
        return full;
    }

    /// <summary>Names of the files directly in a folder, in ordinal order, hidden ones left out; none where there is no
    /// folder.</summary>
    public IEnumerable<string> FileNames(string relativeFolder) => Names(relativeFolder, Directory.EnumerateFiles);

    public IEnumerable<string> FolderNames(string relativeFolder) => Names(relativeFolder, Directory.EnumerateDirectories);

    public bool HasFolder(string relative) => Directory.Exists(Resolve(relative));

    IEnumerable<string> Names(string relativeFolder, Func<string, IEnumerable<string>> enumerate)
    {
        var folder = Resolve(relativeFolder);
        if (!Directory.Exists(folder))
            return [];
        try
        {
            var names = enumerate(folder).Where(p => !HiddenFiles.IsHidden(p)).Select(p => Path.GetFileName(p));
            return names.Order(StringComparer.Ordinal).ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder}: cannot be listed ({e.Message})", e);
        }
    }

    void CheckInside(string path, string real)
    {
        if (real != realRoot && !real.StartsWith(realRoot + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new DataException(
                $"{path}: a symbolic link leads out of the data root, to {real}; " + "copy the file, or move the root up"
            );
    }

    /// <summary>The path with every link on it followed.</summary>
    static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            try
            {
                var info = new FileInfo(next);
                // A link's target may itself lie behind links, so it is walked too; .NET gives up on a circle of links by itself.
                real = info.LinkTarget is null ? next : RealPath(info.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DataException($"{next}: cannot be read ({e.Message})", e);
            }
        }
        return Path.TrimEndingDirectorySeparator(real);
    }
}
