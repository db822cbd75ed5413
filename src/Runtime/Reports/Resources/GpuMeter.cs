using System.Text;
using static Mtlc.Runtime.Reports.Resources.Nvml;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Reports.Resources;

/// <summary>
/// Memory in use on a card, and the energy it took, from the driver's NVML (nvml.h). Both are the whole card's: inside a
/// container the driver does not tell which process is ours. </summary>
sealed unsafe class GpuMeter
{
    readonly nint card;
    readonly delegate* unmanaged<nint, Memory*, uint> memory;
    readonly delegate* unmanaged<nint, ulong*, uint> energy;
    readonly ulong? start;

    GpuMeter(nint card, Func<string, nint> find)
    {
        this.card = card;
        memory = (delegate* unmanaged<nint, Memory*, uint>)find("nvmlDeviceGetMemoryInfo");
        energy = (delegate* unmanaged<nint, ulong*, uint>)find("nvmlDeviceGetTotalEnergyConsumption");
        start = Millijoules;
    }

    /// <returns>null on the processor, and where there is no NVML.</returns>
    public static GpuMeter? Open(Device device) =>
        device.type == TorchSharp.DeviceType.CUDA && Load() is { } find
            ? Open(find, device.index, Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"))
            : null;

    /// <param name="find">The address of a function of NVML; 0 where it has none of that name.</param>
    /// <param name="index">Among the visible cards.</param>
    /// <param name="visible">CUDA_VISIBLE_DEVICES: numbers, or names of cards as the driver gives them.</param>
    internal static GpuMeter? Open(Func<string, nint> find, int index, string? visible)
    {
        var begin = (delegate* unmanaged<uint>)find("nvmlInit_v2");
        var byIndex = (delegate* unmanaged<uint, nint*, uint>)find("nvmlDeviceGetHandleByIndex_v2");
        var byName = (delegate* unmanaged<byte*, nint*, uint>)find("nvmlDeviceGetHandleByUUID");
        if (begin is null || byIndex is null || byName is null || begin() != Success)
            return null;
        var name = FormattableString.Invariant($"{index}");
        if (visible is { Length: > 0 })
            name = visible.Split(',', StringSplitOptions.TrimEntries) is var names && index < names.Length ? names[index] : "";
        nint card;
        bool isFound;
        if (uint.TryParse(name, out var number))
            isFound = byIndex(number, &card) == Success;
        else
        {
            fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
                isFound = byName(text, &card) == Success;
        }
        return isFound ? new(card, find) : null;
    }

    /// <summary>Bytes; null where the driver does not tell.</summary>
    public long? MemoryInUse => (long?)Now?.Used;

    /// <summary>Bytes that the card has; null where the driver does not tell.</summary>
    public long? MemoryInAll => (long?)Now?.Total;

    Memory? Now
    {
        get
        {
            Memory now;
            return memory is not null && memory(card, &now) == Success ? now : null;
        }
    }

    /// <summary>Joules since this was opened; null for cards that do not count it (before Volta).</summary>
    public double? Joules => start is { } from && Millijoules is { } now ? (now - from) / 1000.0 : null;

    ulong? Millijoules
    {
        get
        {
            ulong now;
            return energy is not null && energy(card, &now) == Success ? now : null;
        }
    }
}
