namespace Mtlc.Runtime.Files;

/// <summary>What file managers leave in folders beside a user's files.</summary>
public static class HiddenFiles
{
    static readonly string[] Leftovers = ["Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r"];

    /// <summary>Names that begin with a point (`.DS_Store`, macOS's `._0.png`, `.directory`), files that the system hides, and
    /// Windows' own.</summary>
    public static bool IsHidden(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith('.')
            || Leftovers.Contains(name, StringComparer.OrdinalIgnoreCase)
            || OperatingSystem.IsWindows()
                && File.Exists(path)
                && (File.GetAttributes(path) & (FileAttributes.Hidden | FileAttributes.System)) != 0;
    }
}
