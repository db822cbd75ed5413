using System.Globalization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <param name="Beat">How often the holder renews its note.</param>
/// <param name="Silence">A note that has not changed for so long is nobody's. Longer than the minute for which clients of network
/// file systems may show an old one.</param>
sealed record LeaseTimes(TimeSpan Beat, TimeSpan Silence)
{
    static readonly LeaseTimes Standard = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(90));

    /// <returns>null where no other machine can see the folder, or Windows keeps the locks of its shares.</returns>
    public static LeaseTimes? Of(string folder)
    {
        if (OperatingSystem.IsWindows())
            return null;
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).DriveType is DriveType.Network or DriveType.Unknown ? Standard : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>
/// The note of who trains into a run directory: "process 4711 on host". Where machines share the folder its holder renews it
/// again and again. Whoever finds the note of a process of another machine watches whether it changes: so no clock of one machine
/// is compared with that of another. Of two that take over at the same moment the first one notices at its next beat, and writes
/// nothing more. </summary>
/// <param name="times">null where the lock alone is enough.</param>
sealed class RunLease(string root, LeaseTimes? times)
{
    const string Name = "run.lock.owner";
    const int LongestLine = 400;

    // All containers of a machine share its kernel, and so its locks; hosts' names are not unique among them.
    static readonly string Machine = Kernel() ?? Environment.MachineName;

    readonly string self = string.Create(
        CultureInfo.InvariantCulture,
        $"process {Environment.ProcessId} on {Environment.MachineName}"
    );
    readonly string token = Guid.NewGuid().ToString("N");
    Timer? timer;
    int beats;

    /// <summary>Who has taken the directory over, where somebody has.</summary>
    public string? LostTo { get; private set; }

    string NotePath => Path.Combine(root, Name);

    /// <summary>"process 4711 on host", where a note says so.</summary>
    public static string? Owner(string root) => Note(root) is [{ Length: > 0 and < LongestLine } owner, ..] ? owner : null;

    /// <summary>Whether a process of another machine has renewed its note of late, by the clocks of both.</summary>
    public static bool SeemsAlive(string root, LeaseTimes times) =>
        Note(root) is { } note
        && IsElsewhere(note)
        && DateTime.UtcNow - File.GetLastWriteTimeUtc(Path.Combine(root, Name)) < times.Silence;

    /// <param name="left">Who was here before, on another machine, and has not said that it ended.</param>
    /// <returns>Whether the directory is this process's now.</returns>
    public bool TryTake(out string? left)
    {
        left = null;
        if (Note(root) is { Length: > 0 } before && IsElsewhere(before))
        {
            if (times is not null && Changes(before, times))
                return false;
            left = before[0];
        }
        AtomicFile.WriteText(NotePath, Text());
        if (times is not null)
            timer = new(_ => Renew(), null, times.Beat, times.Beat);
        return true;
    }

    /// <param name="isOwn">Whether the note is still this process's.</param>
    public void End(bool isOwn)
    {
        // A beat that has begun would write the note again.
        using var ended = new ManualResetEvent(false);
        if (timer?.Dispose(ended) == true)
            ended.WaitOne();
        if (isOwn)
            File.Delete(NotePath);
    }

    /// <summary>Watches a note until it changes, or has been silent for long enough.</summary>
    bool Changes(string[] before, LeaseTimes times)
    {
        var looks = Math.Max(1, (int)(times.Silence / times.Beat) * 4);
        for (var look = 0; look < looks; look++)
        {
            Thread.Sleep(times.Silence / looks);
            if (Note(root) is not { } now)
                return false; // it has just ended
            if (!now.SequenceEqual(before))
                return true;
        }
        return false;
    }

    void Renew()
    {
        try
        {
            if (Note(root) is { Length: > 1 } now && !now[1].Contains(token, StringComparison.Ordinal))
            {
                LostTo = now[0];
                timer?.Dispose();
            }
            else if (Directory.Exists(root))
            {
                beats++;
                AtomicFile.WriteText(NotePath, Text());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next beat comes soon, and the run itself tells of disks that fail.
        }
    }

    string Text() => string.Create(CultureInfo.InvariantCulture, $"{self}\n{Machine} {token} {beats}\n");

    static bool IsElsewhere(string[] note) =>
        note is [_, var line, ..]
            ? !line.StartsWith(Machine + " ", StringComparison.Ordinal)
            : !note[0].EndsWith($" on {Environment.MachineName}", StringComparison.Ordinal); // of an older version

    static string[]? Note(string root)
    {
        try
        {
            return RegularFile.ReadAllLines(Path.Combine(root, Name)) is { Length: > 0 } lines ? [.. lines] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static string? Kernel()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        try
        {
            return OperatingSystem.IsLinux() ? RegularFile.ReadAllLines(path)[0] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
