using System.Globalization;

namespace Mtlc.Runtime.Machine;

/// <summary>
/// How many processors others keep busy, of those on which this process may run: other processes, the kernel's interrupts, and,
/// on a virtual machine, its neighbours (steal). Of what Linux counts in /proc/stat since the last look. </summary>
sealed class OthersLoad
{
    readonly SystemFiles files;
    readonly Func<TimeSpan> own;
    readonly TimeProvider clock;
    readonly HashSet<long> allowed;
    Look last;

    // Ticks of all allowed processors, and seconds of this process.
    readonly record struct Look(long Busy, long All, double Own, long At);

    /// <param name="own">The processor time that this process has used.</param>
    public OthersLoad(SystemFiles files, Func<TimeSpan> own, TimeProvider clock)
    {
        this.files = files;
        this.clock = clock;
        this.own = own;
        allowed = MachineLimits.Allowed(files) ?? [];
        last = Take();
    }

    /// <summary>How many processors this process may run on; 0 where the system does not tell.</summary>
    public int Processors => allowed.Count;

    /// <summary>Since the last call, or since this object was made; null where the system does not tell.</summary>
    public double? SinceLast() => Between(last, last = Take());

    double? Between(Look first, Look second)
    {
        var (ticks, seconds) = (second.All - first.All, clock.GetElapsedTime(first.At, second.At).TotalSeconds);
        if (ticks <= 0 || seconds <= 0)
            return null;
        var busy = (double)(second.Busy - first.Busy) / ticks * allowed.Count;
        return Math.Max(0, busy - (second.Own - first.Own) / seconds);
    }

    // "cpu3 user nice system idle iowait irq softirq steal guest guest_nice"; a guest's time counts as the user's already.
    Look Take()
    {
        var (busy, all) = (0L, 0L);
        foreach (var line in files.Lines("proc/stat"))
        {
            if (
                !line.StartsWith("cpu", StringComparison.Ordinal)
                || line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { Length: > 8 } words
                || !long.TryParse(words[0].AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || !allowed.Contains(number)
            )
                continue;
            for (var i = 1; i <= 8; i++)
            {
                var ticks = SystemFiles.Number(words[i]) ?? 0;
                all += ticks;
                if (i is not (4 or 5))
                    busy += ticks;
            }
        }
        return new(busy, all, own().TotalSeconds, clock.GetTimestamp());
    }
}
