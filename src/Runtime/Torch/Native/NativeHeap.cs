namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Tells glibc to keep memory that libtorch frees. By default it gives each large block back to the system and faults it in
/// again, zeroed, at the next step: about 30,000 page faults a training step of the branched network, 31 with these settings.
/// </summary>
static class NativeHeap
{
    // malloc.h
    const int TrimThreshold = -1,
        TopPad = -2,
        MmapMax = -4;

    /// <returns>Whether the settings were taken; false where the C library is not glibc.</returns>
    public static unsafe bool Keep()
    {
        var mallopt = OperatingSystem.IsLinux() ? (delegate* unmanaged<int, int, int>)NativeSymbols.Find("mallopt") : null;
        return mallopt != null
            && mallopt(MmapMax, 0) == 1 // no blocks of their own, which are unmapped when freed
                & mallopt(TrimThreshold, int.MaxValue) == 1 // never shrink the heap
                & mallopt(TopPad, 256 << 20) == 1; // grow it in steps of 256 MiB
    }
}
