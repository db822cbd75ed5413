using System.Runtime.InteropServices;
using Mtlc.Runtime.Reports.Resources;

namespace Mtlc.Tests.Runtime.Reports.Resources;

/// <summary>The driver's library, played by functions with its C signatures (nvml.h).</summary>
public sealed unsafe class GpuMeterTests
{
    static ulong energy;
    static readonly Dictionary<string, nint> Driver = new()
    {
        ["nvmlInit_v2"] = (nint)(delegate* unmanaged<uint>)&Init,
        ["nvmlDeviceGetHandleByIndex_v2"] = (nint)(delegate* unmanaged<uint, nint*, uint>)&ByIndex,
        ["nvmlDeviceGetHandleByUUID"] = (nint)(delegate* unmanaged<byte*, nint*, uint>)&ByName,
        ["nvmlDeviceGetMemoryInfo"] = (nint)(delegate* unmanaged<nint, ulong*, uint>)&MemoryInfo,
        ["nvmlDeviceGetTotalEnergyConsumption"] = (nint)(delegate* unmanaged<nint, ulong*, uint>)&TotalEnergy,
    };

    [UnmanagedCallersOnly]
    static uint Init() => 0;

    [UnmanagedCallersOnly]
    static uint ByIndex(uint index, nint* card)
    {
        *card = 100 + (nint)index;
        return index < 4 ? 0u : 2u; // NVML_ERROR_INVALID_ARGUMENT
    }

    [UnmanagedCallersOnly]
    static uint ByName(byte* name, nint* card)
    {
        *card = 107;
        return Marshal.PtrToStringUTF8((nint)name) == "GPU-5a" ? 0u : 6u; // NVML_ERROR_NOT_FOUND
    }

    // nvmlMemory_t: total, free, used
    [UnmanagedCallersOnly]
    static uint MemoryInfo(nint card, ulong* memory)
    {
        (memory[0], memory[1], memory[2]) = (80UL << 30, 70UL << 30, (ulong)card << 20);
        return 0;
    }

    [UnmanagedCallersOnly]
    static uint TotalEnergy(nint card, ulong* millijoules)
    {
        *millijoules = energy;
        return card == 103 ? 3u : 0; // NVML_ERROR_NOT_SUPPORTED
    }

    static GpuMeter? Open(int index, string? visible = null) =>
        GpuMeter.Open(name => Driver.GetValueOrDefault(name), index, visible);

    [Fact]
    public void Memory_is_what_is_used_and_energy_counts_from_the_start()
    {
        energy = 5_000_000;
        var meter = Open(1)!;
        energy = 5_001_500;

        Assert.Equal(101L << 20, meter.MemoryInUse);
        Assert.Equal(1.5, meter.Joules);
    }

    [Theory]
    [InlineData(1, "2,0", 100L)]
    [InlineData(0, "GPU-5a, 1", 107L)]
    [InlineData(3, null, 103L)]
    public void The_card_is_the_one_that_CUDA_shows(int index, string? visible, long expected) =>
        Assert.Equal(expected << 20, Open(index, visible)!.MemoryInUse);

    [Fact]
    public void What_the_driver_does_not_know_is_absent()
    {
        Assert.Null(Open(3)!.Joules);
        Assert.Null(Open(9));
        Assert.Null(Open(0, "MIG-1/2/3"));
        Assert.Null(Open(2, "0,1"));
        Assert.Null(GpuMeter.Open(_ => 0, 0, null));
        Assert.Null(GpuMeter.Open(TorchSharp.torch.CPU));
        var old = GpuMeter.Open(
            name => name.StartsWith("nvmlDeviceGetTotal", StringComparison.Ordinal) ? 0 : Driver.GetValueOrDefault(name),
            0,
            null
        )!;
        Assert.Null(old.Joules);
        Assert.Equal(100L << 20, old.MemoryInUse);
    }
}
