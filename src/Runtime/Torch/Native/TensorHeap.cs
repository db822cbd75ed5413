using System.Runtime.InteropServices;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// A heap for tensors alone. libtorch takes them from the C library, whose heap keeps large holes that small blocks have settled
/// in: its peak was a quarter above the bytes alive. Blocks from 64 KiB on come from a range of addresses of their own
/// (<see cref="BestFit"/>); its pages stay with the process, and are large ones where the system has them. </summary>
static unsafe class TensorHeap
{
    const nuint Smallest = 64 << 10;

    // Blocks at the same place of a page each would contend for the same lines of the cache.
    const nuint Granularity = 64,
        Stagger = 9 * 64;

    static readonly Lock Access = new();

    // All ones are NaN in each floating format: what reads memory that nobody wrote then shows. A switch for debugging.
    static readonly bool Poisons = NativeSwitches.Current.Poison;

    // The library asks for memory with a size alone: what else Allocate is to know has to lie beside the call.
    [ThreadStatic]
    static bool lasts;
    static BestFit? places;
    static nint start,
        length;
    static delegate* unmanaged<void**, nuint, nuint, int> take;
    static delegate* unmanaged<void*, void> giveBack;

    /// <summary>Bytes of the blocks in use, and the most that they ever were.</summary>
    public static (long Used, long Peak) Bytes
    {
        get
        {
            lock (Access)
                return places is null ? (0, 0) : (places.Used, places.Peak);
        }
    }

    /// <summary>
    /// What this thread makes meanwhile stays for good, and lies at the other end of the heap, away from what comes and goes;
    /// what it gives back for that is given back to the system. </summary>
    public static void ForGood(Action action)
    {
        lasts = true;
        try
        {
            action();
        }
        finally
        {
            lasts = false;
        }
    }

    /// <summary>From here on libtorch's large blocks lie here. Call it when the library is loaded, and before it has
    /// any.</summary>
    /// <returns>Whether they do; false where the C library is not glibc, or the library is another one than this knows.</returns>
    public static bool Install()
    {
        if (
            !OperatingSystem.IsLinux()
            || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || places is not null
            || !NativeLibraries.TryGet("c10", out var c10)
        )
            return false;
        // As much as there is memory: pages cost nothing before they are written.
        length = (nint)MachineLimits.Current.Memory;
        start = mmap(0, length, ReadAndWrite, PrivateWithoutReserve, -1, 0);
        if (start == -1)
            return false;
        madvise(start, length, LargePages);
        take = (delegate* unmanaged<void**, nuint, nuint, int>)NativeSymbols.Find("posix_memalign");
        giveBack = (delegate* unmanaged<void*, void>)NativeSymbols.Find("free");
        var nothing = NativeSymbols.Find("abs");
        if (take == null || giveBack == null || nothing == 0)
            return false;
        places = new(length);
        // First what frees: it also knows blocks of the C library.
        if (!ImportedFunction.Redirect(c10, "free", (nint)(delegate* unmanaged<void*, void>)&Free))
            return false;
        // When managed code has ended, destructors of the library still free: Free cannot be entered any more, and the C
        // library's free would abort on blocks that are not its own. The process ends, so nothing has to be freed; of the C
        // library's functions that do nothing with a pointer abs is one, and code of our own would need a native library.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            ImportedFunction.Redirect(c10, "posix_memalign", (nint)take);
            ImportedFunction.Redirect(c10, "free", nothing);
        };
        return ImportedFunction.Redirect(c10, "posix_memalign", (nint)(delegate* unmanaged<void**, nuint, nuint, int>)&Allocate);
    }

    // Native code called: an exception would end the process. The C library can always be asked instead.
    [UnmanagedCallersOnly]
    static int Allocate(void** result, nuint alignment, nuint size)
    {
        try
        {
            if (size >= Smallest && size < (nuint)length && alignment <= Granularity && Place(size) is var place and >= 0)
            {
                *result = (void*)(start + (nint)place);
                if (Poisons)
                    NativeMemory.Fill(*result, size, 0xFF);
                return 0;
            }
        }
        catch (Exception) { }
        return take(result, alignment, size);
    }

    static long Place(nuint size)
    {
        lock (Access)
            return places!.Take((long)((size + Stagger + Granularity - 1) / Granularity * Granularity), lasts);
    }

    // Native code called, as above: a block that cannot be given back stays.
    [UnmanagedCallersOnly]
    static void Free(void* block)
    {
        if ((nuint)((nint)block - start) >= (nuint)length)
        {
            giveBack(block);
            return;
        }
        try
        {
            lock (Access)
            {
                var size = (nint)places!.Return((nint)block - start);
                if (lasts)
                    Vacate((nint)block, size);
            }
        }
        catch (Exception) { }
    }

    // The pages that lie in the block as a whole are the system's again, until they are written.
    static void Vacate(nint block, nint size)
    {
        nint page = Environment.SystemPageSize,
            first = (block + page - 1) / page * page,
            end = (block + size) / page * page;
        if (end > first)
            madvise(first, end - first, DoNotNeed);
    }

    // sys/mman.h
    const int ReadAndWrite = 3,
        PrivateWithoutReserve = 0x2 | 0x20 | 0x4000,
        DoNotNeed = 4,
        LargePages = 14;

    [DllImport("libc.so.6")]
    static extern nint mmap(nint address, nint length, int access, int flags, int file, nint offset);

    [DllImport("libc.so.6")]
    static extern int madvise(nint address, nint length, int advice);
}
