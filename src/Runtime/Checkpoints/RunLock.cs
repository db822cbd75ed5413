using System.Globalization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// One writer at a time for a run directory. The system holds the lock, not the file's content: it goes with its process, however
/// that ends. What a killed process leaves is a note of who it was, which the next one overwrites. </summary>
public sealed class RunLock : IDisposable
{
    const string Name = "run.lock";

    // EWOULDBLOCK of flock on Linux and on BSD and macOS; ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION.
    static readonly int[] Held = OperatingSystem.IsWindows()
        ? [unchecked((int)0x80070020), unchecked((int)0x80070021)]
        : [11, 35];

    readonly string root;
    readonly FileStream file;
    readonly string? folder,
        self;

    /// <param name="warned">Told where the last owner, on another machine, did not say that it ended: few network file systems
    /// keep no locks.</param>
    /// <exception cref="RunException">Another process trains into this directory (the message says which, on which host), or
    /// nothing can be written there.</exception>
    public RunLock(string root, Action<string>? warned = null)
    {
        this.root = Path.GetFullPath(root);
        var path = Path.Combine(root, Name);
        AtomicFile.CreateFolder(root);
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsByAnother(e))
        {
            throw new RunException(
                $"{root}: another process is training into this directory ({Owner(root) ?? "it has just begun"}); wait for "
                    + $"it, stop it, or choose another directory (--out)",
                e
            );
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException { HResult: ReadOnly })
        {
            throw new RunException(
                $"{root}: nothing can be written there "
                    + $"({(e is IOException ? "its file system is read-only" : "permission denied")}); "
                    + "copy the run to a place where it can, or change the permissions",
                e
            );
        }
        (folder, self) = (FileIdentity.Of(this.root), FileIdentity.Of(file.Name));
        if (Owner(root) is { } left && !left.EndsWith($" on {Environment.MachineName}", StringComparison.Ordinal))
            warned?.Invoke(
                $"{root}: {left} was training here and has not said that it ended; make sure that it does not run any more"
            );
        AtomicFile.WriteText(
            OwnerPath(root),
            string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n")
        );
    }

    /// <summary>Whether the directory and the lock in it are still those that this lock was made of; they are not where somebody
    /// deleted or replaced them.</summary>
    public bool IsOwn => self is null || (FileIdentity.Of(file.Name) == self && FileIdentity.Of(root) == folder);

    /// <summary>To be called before anything is written: what would be written now belongs to nobody, or into another's
    /// run.</summary>
    /// <exception cref="RunException">The directory or its lock was deleted or replaced.</exception>
    public void RequireOwn()
    {
        if (!IsOwn)
            throw Lost();
    }

    /// <summary>What to say of a directory that is no longer this lock's.</summary>
    public RunException Lost(Exception? inner = null) =>
        new(
            $"{root}: {(Directory.Exists(root) ? File.Exists(file.Name) ? "was replaced by another directory" : $"lost its {Name}" : "was deleted")} "
                + "while this run was training into it; the run ends here, and writes nothing more",
            inner
        );

    /// <summary>Whether a process is training into this directory now.</summary>
    public static bool IsHeld(string root)
    {
        try
        {
            using var file = new FileStream(Path.Combine(root, Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e is IOException held && IsByAnother(held);
        }
    }

    // EROFS
    const int ReadOnly = 30;

    static bool IsByAnother(IOException e) => Held.Contains(e.HResult);

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
        if (IsOwn)
            File.Delete(file.Name + ".owner");
        file.Dispose();
    }
}
