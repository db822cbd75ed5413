using System.Runtime.InteropServices;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// How long libtorch's OpenMP threads (GNU's libgomp) wait awake for their next work before they sleep. By default they do so for
/// milliseconds, after every operation: whatever else wants the core, a loader of ours or another process, waits meanwhile, and
/// the threads of one operation wait for each other. Measurements are in docs/performance.md. </summary>
static partial class OpenMpWaiting
{
    /// <summary>
    /// Rounds of a loop with a pause, some tenths of a millisecond; libgomp's own are 300,000. The gaps between the operations of
    /// a small network's step are tens of microseconds, and are to be bridged: waking a thread takes as long. </summary>
    const string Rounds = "10000";

    /// <summary>What a user may have said about it: then nothing is changed.</summary>
    static readonly string[] UsersOwn = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"];

    /// <summary>To be called before libgomp is loaded, which reads its environment then. Processes that this one starts do not
    /// inherit it.</summary>
    /// <returns>Whether it was set; false where the user has set it, or the C library is not Linux's.</returns>
    public static bool Shorten() =>
        OperatingSystem.IsLinux()
        && !UsersOwn.Any(v => Environment.GetEnvironmentVariable(v) is not null)
        && SetVariable("GOMP_SPINCOUNT", Rounds, overwrite: 0) == 0;

    // .NET's own variables are a copy that native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
