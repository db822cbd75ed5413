using System.Runtime.Intrinsics.X86;

namespace Mtlc.Runtime.Machine;

/// <summary>What the processor says of itself under one leaf and subleaf; zeros where it is no x86, or the leaf is beyond its
/// last.</summary>
public readonly record struct Registers(uint Eax, uint Ebx, uint Ecx, uint Edx);

/// <summary>Reads CPUID; tests give another processor's.</summary>
public delegate Registers Cpuid(uint leaf, uint subleaf);

/// <summary>The processor that this runs on.</summary>
public static class ThisProcessor
{
    public static bool HasCpuid => X86Base.IsSupported;

    public static Registers Read(uint leaf, uint subleaf)
    {
        if (!X86Base.IsSupported || leaf > (uint)X86Base.CpuId((int)(leaf & 0x80000000), 0).Eax)
            return default;
        var (eax, ebx, ecx, edx) = X86Base.CpuId((int)leaf, (int)subleaf);
        return new((uint)eax, (uint)ebx, (uint)ecx, (uint)edx);
    }
}
