using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// libtorch's own threads (OpenMP). They wait for their next work awake for a while, and would take the cores away from any other
/// thread meanwhile. Where libtorch was built with another OpenMP than GNU's, .NET's threads do the work. </summary>
static unsafe class TorchThreads
{
    // libgomp's interface to compiled "#pragma omp parallel".
    static readonly delegate* unmanaged<delegate* unmanaged<Work*, void>, Work*, uint, uint, void> Parallel =
        (delegate* unmanaged<delegate* unmanaged<Work*, void>, Work*, uint, uint, void>)NativeSymbols.Find("GOMP_parallel");

    static readonly delegate* unmanaged<int> ThisThread = (delegate* unmanaged<int>)NativeSymbols.Find("omp_get_thread_num");
    static readonly delegate* unmanaged<int> Count = (delegate* unmanaged<int>)NativeSymbols.Find("omp_get_num_threads");

    static readonly bool Allowed = NativeSwitches.Current.Allows("threads");

    struct Work
    {
        public delegate* <void*, int, int, void> Body;
        public void* State;
        public GCHandle Failed; // a StrongBox<Exception?>
    }

    /// <summary>How many threads libtorch may use.</summary>
    public static int Number => get_num_threads();

    /// <summary>Calls a function on each of several threads, and waits for all.</summary>
    /// <param name="threads">At most; fewer where OpenMP has no more.</param>
    /// <param name="body">Is given the state, which thread it is, and of how many. What it throws is thrown here when all have
    /// ended.</param>
    public static void Run(delegate* <void*, int, int, void> body, void* state, int threads)
    {
        if (threads == 1)
        {
            body(state, 0, 1);
            return;
        }
        var work = new Work { Body = body, State = state };
        if (Allowed && Parallel != null && ThisThread != null && Count != null)
        {
            var failed = new StrongBox<Exception?>();
            work.Failed = GCHandle.Alloc(failed);
            Parallel(&Enter, &work, (uint)threads, 0);
            work.Failed.Free();
            if (failed.Value is { } exception)
                ExceptionDispatchInfo.Throw(exception);
            return;
        }
        var address = (nint)(&work);
        System.Threading.Tasks.Parallel.For(
            0,
            threads,
            thread => ((Work*)address)->Body(((Work*)address)->State, thread, threads)
        );
    }

    /// <summary>The part of <paramref name="items"/> that falls to one of several threads: from the first number up to the
    /// second.</summary>
    public static (int From, int To) Share(int items, int thread, int threads) =>
        ((int)((long)items * thread / threads), (int)((long)items * (thread + 1) / threads));

    // Called from native code, which no exception may reach.
    [UnmanagedCallersOnly]
    static void Enter(Work* work)
    {
        try
        {
            work->Body(work->State, ThisThread(), Count());
        }
        catch (Exception e)
        {
            ((StrongBox<Exception?>)work->Failed.Target!).Value = e;
        }
    }
}
