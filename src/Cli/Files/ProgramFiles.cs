using MAB.DotIgnore;
using Mtlc.Cli.Errors;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;

namespace Mtlc.Cli.Files;

/// <summary>
/// The programs below folders, as their repository sees them: what a `.gitignore` leaves out is left out, and so are hidden and
/// linked folders and the copies that runs keep. </summary>
static class ProgramFiles
{
    const string IgnoreFile = ".gitignore";

    static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    /// <returns>Paths with whether the user named the file himself; folders in the order of their names.</returns>
    /// <exception cref="Failure">A path leads nowhere.</exception>
    public static List<(string Path, bool IsNamed)> Find(IEnumerable<string> paths) =>
        [
            .. paths
                .SelectMany(
                    IEnumerable<(string, bool)> (p) =>
                        Directory.Exists(p) ? In(p).Select(f => (f, false))
                        : File.Exists(p) ? [(p, true)]
                        : throw UserText.Missing(p, "no file")
                )
                .DistinctBy(f => Path.GetFullPath(f.Item1)),
        ];

    /// <summary>Those of a folder and below, lazily; what may not be read is left out.</summary>
    public static IEnumerable<string> In(string folder) => Below(folder, Outer(folder));

    sealed record Rules(string Folder, IgnoreList List);

    static IEnumerable<string> Below(string folder, List<Rules> outer)
    {
        if (File.Exists(Path.Combine(folder, RunDirectory.Configuration)))
            return [];
        List<Rules> rules = [.. outer, .. Own(folder)];
        var shown = folder == "." ? "" : folder;
        var entries = new DirectoryInfo(folder)
            .EnumerateFileSystemInfos("*", Readable)
            .Where(e =>
                !e.Name.StartsWith('.') && !e.Attributes.HasFlag(FileAttributes.Hidden) && !rules.Exists(r => IsIgnored(r, e))
            )
            .OrderBy(e => e.Name, StringComparer.Ordinal)
            .ToList();
        return entries
            .OfType<FileInfo>()
            .Where(f => f.Extension == ".mtl")
            .Select(f => Path.Combine(shown, f.Name))
            .Concat(
                entries
                    .OfType<DirectoryInfo>()
                    .Where(d => d.LinkTarget is null)
                    .SelectMany(d => Below(Path.Combine(shown, d.Name), rules))
            );
    }

    static bool IsIgnored(Rules rules, FileSystemInfo entry) =>
        rules.List.IsIgnored(Path.GetRelativePath(rules.Folder, entry.FullName).Replace('\\', '/'), entry is DirectoryInfo);

    /// <summary>Of the folders above, up to the repository's own.</summary>
    static List<Rules> Outer(string folder)
    {
        var above = new List<string>();
        for (var part = Path.GetFullPath(folder); part is not null; part = Path.GetDirectoryName(part))
        {
            above.Add(part);
            if (Path.Exists(Path.Combine(part, ".git")))
                return [.. above.Skip(1).Reverse<string>().SelectMany(Own)];
        }
        return [];
    }

    static IEnumerable<Rules> Own(string folder)
    {
        var file = Path.Combine(folder, IgnoreFile);
        return File.Exists(file) ? [new(Path.GetFullPath(folder), new(RegularFile.ReadAllLines(file)))] : [];
    }
}
