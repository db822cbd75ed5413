namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Where oneDNN keeps what it was told of the processor's caches: an <c>Xbyak::util::Cpu</c> that is a function's static in
/// libtorch_cpu. In it follow, as 32-bit numbers, the sizes of ten levels, by how many cores each is shared, and the number of
/// levels. </summary>
static unsafe class OneDnnCaches
{
    const int Levels = 3,
        Most = 10,
        Words = 2 * Most + 1;
    const uint MostCores = 4096;

    static uint* place;

    /// <summary>Finds them by their content, once; it has to be found exactly once.</summary>
    /// <param name="told">What the sizes are by now.</param>
    public static bool Locate(CacheSizes told)
    {
        if (place != null)
            return true;
        if (!Make())
            return false;
        uint* found = null;
        foreach (var (start, length) in LibrarySegments.Zeroed(NativeSymbols.Find("torch_call_dispatcher")))
        {
            var first = (uint*)((start + 3) & ~3);
            var end = (uint*)(start + length) - Words;
            for (var word = first; word <= end; word++)
            {
                if (*word != told.First || !Is(word, told))
                    continue;
                if (found != null)
                    return false;
                found = word;
            }
        }
        place = found;
        return found != null;
    }

    /// <summary>They are to be located anew.</summary>
    public static void Forget() => place = null;

    /// <summary>The sizes; null where they were not located.</summary>
    public static CacheSizes? Read() => place == null ? null : new(place[0], place[1], place[2]);

    /// <summary>Once they are located: primitives made from now on are made for these sizes.</summary>
    public static void Write(CacheSizes sizes)
    {
        if (place == null)
            throw new InvalidOperationException("where oneDNN keeps the cache sizes is not known");
        (place[0], place[1], place[2]) = (sizes.First, sizes.Second, sizes.Third);
    }

    static bool Is(uint* word, CacheSizes told)
    {
        if ((word[0], word[1], word[2]) != (told.First, told.Second, told.Third) || word[Words - 1] != Levels)
            return false;
        for (var level = 0; level < Most; level++)
        {
            var (size, cores) = (word[level], word[Most + level]);
            if (level < Levels ? cores is 0 or > MostCores : size != 0 || cores != 0)
                return false;
        }
        return true;
    }

    // Whether oneDNN computes with bfloat16 is asked of the processor, and that makes the object, and no primitive.
    static bool Make()
    {
        var dispatch = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)NativeSymbols.Find("torch_call_dispatcher");
        if (dispatch == null)
            return false;
        var stack = stackalloc ulong[1];
        const ulong torch210 = (2UL << 56) | (10UL << 48);
        fixed (
            byte* name = "mkldnn::_is_mkldnn_bf16_supported\0"u8,
                overload = "\0"u8
        )
            return dispatch(name, overload, stack, torch210) == 0;
    }
}
