using System.Runtime.InteropServices;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// How long libtorch's OpenMP threads (GNU's libgomp) wait awake for their next work before they sleep. libgomp's own way is some
/// milliseconds, after every operation. That is right while nobody else wants the cores: the gaps between the operations of a
/// small network are tens of microseconds, and waking a thread takes as long. Where somebody does, threads wait for threads that
/// wait for a core, and a step takes up to eighty times as long. So the number of rounds is changed while the process runs, by
/// what others use of the processors. Measurements are in docs/performance.md. </summary>
static unsafe partial class OpenMpWaiting
{
    /// <summary>Rounds of a loop with a pause, while nobody else wants the processors: libgomp's own number, three
    /// milliseconds.</summary>
    public const ulong Awake = 300_000;

    /// <summary>While others do.</summary>
    public const ulong Asleep = 0;

    /// <summary>What libgomp is told before it is loaded: short, in case that it cannot be told otherwise later, and a number by
    /// which its variable is found.</summary>
    const ulong Told = 1013;

    /// <summary>What others may use, in processors, beyond those that this process leaves to them.</summary>
    const double Busy = 0.25,
        Quiet = 0.15;

    /// <summary>Looks without others until the threads wait awake again.</summary>
    const int QuietLooks = 8;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <summary>What a user may have said about it: then nothing is changed.</summary>
    static readonly string[] UsersOwn = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"];

    static ulong* rounds;

    /// <summary>The rounds now; null where they are not ours to choose.</summary>
    public static ulong? Rounds => rounds == null ? null : Volatile.Read(ref *rounds);

    /// <summary>To be called before libgomp is loaded, which reads its environment then. Processes that this one starts do not
    /// inherit it.</summary>
    /// <returns>Whether it was set; false where the user has set it, or the C library is not Linux's.</returns>
    public static bool Shorten() =>
        OperatingSystem.IsLinux()
        && !UsersOwn.Any(v => Environment.GetEnvironmentVariable(v) is not null)
        && SetVariable("GOMP_SPINCOUNT", FormattableString.Invariant($"{Told}"), overwrite: 0) == 0;

    /// <summary>To be called once it is loaded, after <see cref="Shorten"/>: from now on a thread looks how busy others
    /// are.</summary>
    /// <param name="threads">Threads of one operation.</param>
    /// <returns>Whether libgomp keeps the number where it can be changed, and the system tells what others use.</returns>
    public static bool Watch(int threads)
    {
        var load = new OthersLoad(new("/"), () => Environment.CpuUsage.TotalTime, TimeProvider.System);
        // A quota is used up by waiting awake.
        if (threads == 1 || load.Processors == 0 || MachineLimits.Current.HasQuota || !Locate())
            return false;
        Volatile.Write(ref *rounds, Awake);
        new Thread(() => Look(load, threads)) { IsBackground = true, Name = "load of others" }.Start();
        return true;
    }

    static void Look(OthersLoad load, int threads)
    {
        for (var quiet = 0; ; )
        {
            Thread.Sleep(BetweenLooks);
            (var now, quiet) = Choose(load.SinceLast(), load.Processors - threads, Volatile.Read(ref *rounds), quiet);
            Volatile.Write(ref *rounds, now);
        }
    }

    /// <summary>Others are noticed at once, and are to be gone for a while before the threads wait awake again.</summary>
    /// <param name="others">Processors that others have used since the last look; null where the system did not tell.</param>
    /// <param name="left">Processors that this process's threads leave to others.</param>
    /// <param name="now">The rounds until now.</param>
    /// <param name="quiet">Looks since others were there.</param>
    internal static (ulong Rounds, int Quiet) Choose(double? others, int left, ulong now, int quiet) =>
        others is not { } used || used > left + Busy ? (Asleep, 0)
        : used > left + Quiet ? (now, 0)
        : quiet + 1 < QuietLooks ? (now, quiet + 1)
        : (Awake, quiet);

    // gomp_spin_count_var of libgomp's env.c: 64 bits among its variables, found by its value, which must be there exactly once.
    static bool Locate()
    {
        var inside = NativeSymbols.Find("GOMP_parallel");
        if (inside == 0)
            return false;
        ulong* found = null;
        foreach (var (start, length) in LibrarySegments.Zeroed(inside))
        {
            var end = (ulong*)(start + length);
            for (var word = (ulong*)((start + 7) & ~7); word < end; word++)
            {
                if (*word != Told)
                    continue;
                if (found != null)
                    return false;
                found = word;
            }
        }
        rounds = found;
        return found != null;
    }

    // .NET's own variables are a copy that native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
