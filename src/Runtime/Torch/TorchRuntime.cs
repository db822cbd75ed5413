using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Torch.Native;
using TorchSharp;

namespace Mtlc.Runtime.Torch;

/// <summary>What the process was told before its first tensor; part of a run's configuration, for these change speed or last
/// digits.</summary>
/// <param name="LibTorch">Version of the native library.</param>
/// <param name="Threads">Threads that one operation is divided among.</param>
/// <param name="DenormalsFlushed">Whether numbers below 1.2e-38 count as 0, see <see cref="Denormals"/>.</param>
/// <param name="HeapKept">Whether freed memory stays with the process, see <see cref="NativeHeap"/>.</param>
/// <param name="TensorsApart">Whether large tensors lie in a heap of their own, see <see cref="TensorHeap"/>.</param>
public sealed record TorchRuntimeSettings(string LibTorch, int Threads, bool DenormalsFlushed, bool HeapKept, bool TensorsApart);

/// <summary>Loads libtorch and sets up the process. The one place that does: everything that computes calls <see cref="Start"/>
/// first.</summary>
public static class TorchRuntime
{
    static readonly Lock Starting = new();
    static TorchRuntimeSettings? started;

    [ThreadStatic]
    static bool threadReady;

    /// <summary>Told once, when the runtime starts: one line for the user on what this machine makes slower, see
    /// <see cref="NativeCures.Notices"/>.</summary>
    public static event Action<string>? Noticed;

    /// <summary>
    /// Loads libtorch and sets allocator, threads and the treatment of denormals. The first call decides; later ones return what
    /// it decided. Call it on each thread that computes, before its first operation: the processor keeps the treatment of
    /// denormals per thread, and OpenMP's workers inherit it from the thread that starts them. </summary>
    /// <param name="threads">Threads of one operation; null leaves it to libtorch, but takes no more than the process may
    /// use.</param>
    /// <exception cref="TorchUnavailableException">libtorch is missing or cannot be loaded; the message says what to
    /// do.</exception>
    public static TorchRuntimeSettings Start(int? threads = null)
    {
        if (threads is < 1)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "expected at least one thread");
        if (threadReady)
            return started!;
        lock (Starting)
        {
            if (started is null)
            {
                var switches = NativeSwitches.Current;
                var heapKept = switches.Allows("malloc") && NativeHeap.Keep(); // before libtorch makes its first allocation
                var waiting = switches.Allows("waiting") && OpenMpWaiting.Shorten();
                NativeLibraries.Load();
                var tensorsApart = switches.Allows("heap") && TensorHeap.Install();
                if (switches.HideCaches)
                    NativeCures.HideCaches();
                NativeCures.ApplyAtStart(); // before the first primitive, which would be kept as it is made
                if (switches.SpoilCaches)
                    NativeCures.SpoilCaches();
                if (switches.Allows("nnpack"))
                    TorchContext.SwitchNnpackOff();
                var flushed = switches.Allows("denormals") && Denormals.Flush();
                torch.set_num_threads(threads ?? Math.Min(torch.get_num_threads(), MachineLimits.Current.Cores));
                if (waiting)
                    OpenMpWaiting.Watch(torch.get_num_threads());
                started = new(
                    OwnLibtorch.Loaded?.Version ?? torch.__version__,
                    torch.get_num_threads(),
                    flushed,
                    heapKept,
                    tensorsApart
                );
                foreach (var notice in (IEnumerable<string>)[.. OwnLibtorch.Loaded?.Notices ?? [], .. NativeCures.Notices])
                    Noticed?.Invoke(notice);
            }
            else if (started.DenormalsFlushed)
            {
                Denormals.Flush();
            }
        }

        threadReady = true;
        return started;
    }
}
