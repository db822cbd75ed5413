using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>Bytes of a processor's data caches, as oneDNN keeps them: of the first level, the second and the third.</summary>
public readonly record struct CacheSizes(uint First, uint Second, uint Third)
{
    // No processor that libtorch runs on has less in a cache.
    const uint Least = 4096;

    /// <summary>Some hypervisors answer with zeros, of which oneDNN makes caches of one byte; it then loses data when it lays
    /// tensors out anew.</summary>
    public bool IsNonsense => First < Least || Second < Least || Third < Least;

    /// <summary>
    /// What oneDNN 3.7 was told, which asks AMD's processors for leaf 0x8000001D and multiplies line, partitions, ways and sets
    /// (AMD64 Architecture Programmer's Manual, volume 3, appendix E.4.15).
    /// </summary>
    /// <returns>null for another maker's processor, which is asked otherwise and answers right.</returns>
    public static CacheSizes? ToldTo(Cpuid cpuid)
    {
        var maker = cpuid(0, 0);
        if ((maker.Ebx, maker.Edx, maker.Ecx) != (0x68747541, 0x69746E65, 0x444D4163)) // AuthenticAMD
            return null;
        return new(Size(0), Size(2), Size(3)); // subleaf 1 is the cache of instructions

        uint Size(uint subleaf)
        {
            var cache = cpuid(0x8000001D, subleaf);
            return unchecked(
                ((cache.Ebx >> 22) + 1) * ((cache.Ebx >> 12 & 0x3FF) + 1) * ((cache.Ebx & 0xFFF) + 1) * (cache.Ecx + 1)
            );
        }
    }

    /// <summary>
    /// What leaves 0x80000005 and 0x80000006 tell (E.4.4 and E.4.5). The last level, which they tell for the processor as a
    /// whole, is divided among its threads (0x80000008), for oneDNN takes the sizes here for one core's. </summary>
    /// <returns>null where they tell nothing either.</returns>
    public static CacheSizes? Real(Cpuid cpuid)
    {
        var first = (cpuid(0x80000005, 0).Ecx >> 24) << 10;
        var others = cpuid(0x80000006, 0);
        var second = (others.Ecx >> 16) << 10;
        var threads = (cpuid(0x80000008, 0).Ecx & 0xFF) + 1;
        var third = (uint)Math.Min(((ulong)(others.Edx >> 18) << 19) / threads, 1 << 30);
        var sizes = new CacheSizes(first, second, Math.Max(third, second));
        return sizes.IsNonsense ? null : sizes;
    }
}
