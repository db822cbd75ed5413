using System.Globalization;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// One writer at a time for a run directory. The system holds the lock, not the file's content: it goes with its process, however that ends,
/// so that there are no stale locks.
/// </summary>
public sealed class RunLock : IDisposable
{
    readonly FileStream file;

    /// <exception cref="RunException">Another process trains into this directory.</exception>
    public RunLock(string root)
    {
        var path = Path.Combine(root, "run.lock");
        Directory.CreateDirectory(root);
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new RunException($"{root}: another process is training into this directory (see {path}.owner)", e);
        }
        File.WriteAllText(path + ".owner", string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n"));
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

    public void Dispose()
    {
        File.Delete(file.Name + ".owner");
        file.Dispose();
    }
}
