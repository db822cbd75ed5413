using ModelContextProtocol;

namespace Mtlc.Cli.Commands.Mcp;

/// <summary>The folder that a server was started in, and outside of which it does nothing.</summary>
sealed class Workplace(string folder)
{
    /// <summary>Without links.</summary>
    public string Root { get; } = Resolved(Path.GetFullPath(folder));

    /// <summary>Where what mtlc remembers and downloads lies.</summary>
    public string Cache => Path.Combine(Root, ".mtlc");

    /// <returns>The path relative to the folder, in a form that no verb takes for an option.</returns>
    /// <exception cref="McpException">It leads out of the folder, by itself or through links.</exception>
    public string Inside(string path)
    {
        if (path.Length == 0)
            throw new McpException("a path is empty");
        var full = Path.GetFullPath(Path.Combine(Root, path));
        if (!IsInside(full) || !IsInside(Resolved(full)))
            throw new McpException($"'{path}' lies outside the folder that this server works in");
        return Path.Combine(".", Path.GetRelativePath(Root, full));
    }

    bool IsInside(string full) =>
        full == Root
        || full.StartsWith(Path.TrimEndingDirectorySeparator(Root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Every link on the way followed, as far as the way exists.</summary>
    static string Resolved(string full)
    {
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var here = Path.Combine(Resolved(parent), Path.GetFileName(full));
        FileSystemInfo entry = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        return entry.LinkTarget is null ? here
            : entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName is { } target && target != here ? Resolved(target)
            : here;
    }
}
