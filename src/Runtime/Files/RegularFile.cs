using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mtlc.Runtime.Files;

/// <summary>
/// Reads files, and nothing else: a pipe without a writer would be waited for without end, and a device never ends. Links are
/// followed. Every read of a path in this program goes through here. </summary>
public static class RegularFile
{
    /// <exception cref="NotAFileException">It is there, and no file.</exception>
    public static void Require(string path)
    {
        if (FileStatus.Of(path) is { } status && status.Kind != FileStatus.Regular)
            throw new NotAFileException(path, status.Kind);
    }

    /// <summary>Equal for two paths that lead to one file; null where there is none, or the system does not tell.</summary>
    public static string? IdentityOf(string path) =>
        FileStatus.Of(path) is { Kind: FileStatus.Regular } status ? status.Identity : null;

    /// <summary>"a folder", "a pipe", "a socket" or "a device"; null where the path leads to a file or to nothing.</summary>
    public static string? OtherKindOf(string path) =>
        FileStatus.Of(path) is { } status && status.Kind != FileStatus.Regular ? status.Kind : null;

    /// <exception cref="NotAFileException">It is there, and no file.</exception>
    /// <exception cref="IOException">It is missing, or cannot be read.</exception>
    public static FileStream OpenRead(string path, FileShare share = FileShare.Read, int buffer = 4096)
    {
        Require(path);
        return new(path, FileMode.Open, FileAccess.Read, share, buffer);
    }

    /// <summary>
    /// The pipe that a shell has made for this command (`... | mtlc check /dev/stdin`, `mtlc check &lt;(...)`), which has a
    /// writer already; null for any other path. It can be read once. </summary>
    public static FileStream? OpenOwnPipe(string path) =>
        (path == "/dev/stdin" || path.StartsWith("/dev/fd/", StringComparison.Ordinal))
        && FileStatus.Of(path)?.Kind == FileStatus.Pipe
            ? File.OpenRead(path)
            : null;

    /// <inheritdoc cref="OpenRead"/>
    public static SafeFileHandle OpenHandle(string path, FileShare share = FileShare.Read)
    {
        Require(path);
        return File.OpenHandle(path, share: share);
    }

    /// <inheritdoc cref="OpenRead"/>
    public static byte[] ReadAllBytes(string path)
    {
        Require(path);
        return File.ReadAllBytes(path);
    }

    /// <inheritdoc cref="OpenRead"/>
    public static string ReadAllText(string path)
    {
        Require(path);
        return File.ReadAllText(path, Encoding.UTF8);
    }

    /// <inheritdoc cref="OpenRead"/>
    public static string[] ReadAllLines(string path)
    {
        Require(path);
        return File.ReadAllLines(path, Encoding.UTF8);
    }
}

/// <summary>A path leads to something that is no file.</summary>
public sealed class NotAFileException(string path, string kind) : IOException($"{path}: {kind}, not a file")
{
    /// <summary>"a folder", "a pipe", "a socket" or "a device".</summary>
    public string Kind { get; } = kind;
}
