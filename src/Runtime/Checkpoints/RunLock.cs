using System.Globalization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// One writer at a time for a run directory. The system holds the lock, not the file's content: it goes with its process, however that ends.
/// What a killed process leaves is a note of who it was, which the next one overwrites.
/// </summary>
public sealed class RunLock : IDisposable
{
    readonly FileStream file;

    /// <param name="warned">Told where the last owner, on another machine, did not say that it ended: few network file systems keep no locks.</param>
    /// <exception cref="RunException">Another process trains into this directory; the message says which, on which host.</exception>
    public RunLock(string root, Action<string>? warned = null)
    {
        var path = Path.Combine(root, "run.lock");
        AtomicFile.CreateFolder(root);
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new RunException(
                $"{root}: another process is training into this directory ({Owner(root) ?? "it has just begun"}); wait for it, stop it, or choose another directory (--out)", e);
        }
        if (Owner(root) is { } left && !left.EndsWith($" on {Environment.MachineName}", StringComparison.Ordinal))
            warned?.Invoke($"{root}: {left} was training here and has not said that it ended; make sure that it does not run any more");
        AtomicFile.WriteText(
            OwnerPath(root), string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n"));
    }

    /// <summary>Whether a process is training into this directory now.</summary>
    public static bool IsHeld(string root)
    {
        try
        {
            using var file = new FileStream(Path.Combine(root, "run.lock"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    static string OwnerPath(string root) => Path.Combine(root, "run.lock.owner");

    // "process 4711 on host"
    static string? Owner(string root)
    {
        try
        {
            return RegularFile.ReadAllLines(OwnerPath(root)).FirstOrDefault() is { Length: > 0 and < 400 } line ? line : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        File.Delete(file.Name + ".owner");
        file.Dispose();
    }
}
