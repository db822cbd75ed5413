using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// One writer at a time for a run directory. The system holds the lock, not the file's content: it goes with its process, however
/// that ends. What a killed process leaves is a note of who it was, which the next one overwrites. Where machines share the
/// folder, a <see cref="RunLease"/> stands beside the lock, for some file systems keep no locks between machines. </summary>
public sealed class RunLock : IDisposable
{
    const string Name = "run.lock";

    // EWOULDBLOCK of flock on Linux and on BSD and macOS; ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION.
    static readonly int[] Held = OperatingSystem.IsWindows()
        ? [unchecked((int)0x80070020), unchecked((int)0x80070021)]
        : [11, 35];

    // Whoever asks whether a lock is held holds it for a moment.
    const int Tries = 20;
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    readonly string root;
    readonly FileStream file;
    readonly RunLease lease;
    readonly string? folder,
        self;

    /// <param name="warned">Told where the last owner, on another machine, did not say that it ended: few network file systems
    /// keep no locks.</param>
    /// <exception cref="RunException">Another process trains into this directory (the message says which, on which host), or
    /// nothing can be written there.</exception>
    public RunLock(string root, Action<string>? warned = null)
        : this(root, warned, LeaseTimes.Of) { }

    internal RunLock(string root, Action<string>? warned, Func<string, LeaseTimes?> times)
    {
        this.root = Path.GetFullPath(root);
        AtomicFile.CreateFolder(root);
        try
        {
            file = Take(Path.Combine(root, Name));
        }
        catch (IOException e) when (IsByAnother(e))
        {
            throw Taken(root, e);
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
        try
        {
            lease = new(root, times(root));
            if (!lease.TryTake(out var left))
                throw Taken(root);
            if (left is not null)
                warned?.Invoke(
                    $"{root}: {left} was training here and has not said that it ended; make sure that it does not run any more"
                );
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the directory and the lock in it are still those that this lock was made of; they are not where somebody
    /// deleted or replaced them.</summary>
    public bool IsOwn =>
        lease.LostTo is null && (self is null || (FileIdentity.Of(file.Name) == self && FileIdentity.Of(root) == folder));

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
        new($"{root}: {What()} while this run was training into it; the run ends here, and writes nothing more", inner);

    string What() =>
        lease.LostTo is { } other ? $"was taken over by {other}"
        : !Directory.Exists(root) ? "was deleted"
        : !File.Exists(file.Name) ? $"lost its {Name}"
        : "was replaced by another directory";

    /// <summary>Whether a process is training into this directory now.</summary>
    public static bool IsHeld(string root)
    {
        try
        {
            using var file = new FileStream(Path.Combine(root, Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return LeaseTimes.Of(root) is { } times && RunLease.SeemsAlive(root, times);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e is IOException held && IsByAnother(held);
        }
    }

    // EROFS
    const int ReadOnly = 30;

    static bool IsByAnother(IOException e) => Held.Contains(e.HResult);

    static FileStream Take(string path)
    {
        for (var left = Tries; ; left--)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (left > 0 && IsByAnother(e))
            {
                Thread.Sleep(BetweenTries);
            }
        }
    }

    static RunException Taken(string root, Exception? inner = null) =>
        new(
            $"{root}: another process is training into this directory ({RunLease.Owner(root) ?? "it has just begun"}); wait for "
                + $"it, stop it, or choose another directory (--out)",
            inner
        );

    public void Dispose()
    {
        lease.End(IsOwn);
        file.Dispose();
    }
}
