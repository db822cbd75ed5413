using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using static Mtlc.Runtime.Reports.Resources.Nvml;

namespace Mtlc.Runtime.Reports.Resources;

/// <param name="Name">"NVIDIA H100 80GB HBM3"</param>
/// <param name="Memory">Bytes in all.</param>
/// <param name="MemoryInUse">Bytes, whoever uses them.</param>
public sealed record GpuCard(string Name, long Memory, long MemoryInUse);

/// <summary>The cards that NVIDIA's driver knows, whether this libtorch can use them or not (nvml.h).</summary>
/// <param name="Driver">The driver's version; null where there is no driver.</param>
public sealed unsafe record GpuCards(string? Driver, ImmutableArray<GpuCard> Cards)
{
    const int LongestName = 96;

    public static GpuCards Find() => Load() is { } find ? Find(find) : new(null, []);

    /// <param name="find">The address of a function of NVML; 0 where it has none of that name.</param>
    internal static GpuCards Find(Func<string, nint> find)
    {
        var begin = (delegate* unmanaged<uint>)find("nvmlInit_v2");
        var version = (delegate* unmanaged<byte*, uint, uint>)find("nvmlSystemGetDriverVersion");
        var count = (delegate* unmanaged<uint*, uint>)find("nvmlDeviceGetCount_v2");
        var byIndex = (delegate* unmanaged<uint, nint*, uint>)find("nvmlDeviceGetHandleByIndex_v2");
        var nameOf = (delegate* unmanaged<nint, byte*, uint, uint>)find("nvmlDeviceGetName");
        var memoryOf = (delegate* unmanaged<nint, Memory*, uint>)find("nvmlDeviceGetMemoryInfo");
        if (
            begin is null
            || version is null
            || count is null
            || byIndex is null
            || nameOf is null
            || memoryOf is null
            || begin() != Success
        )
            return new(null, []);
        var text = stackalloc byte[LongestName];
        var driver = version(text, LongestName) == Success ? Text(text) : "";
        uint number;
        if (count(&number) != Success)
            return new(driver, []);
        var cards = ImmutableArray.CreateBuilder<GpuCard>();
        for (uint i = 0; i < number; i++)
        {
            nint card;
            if (byIndex(i, &card) != Success)
                continue;
            var name = nameOf(card, text, LongestName) == Success ? Text(text) : "";
            Memory memory;
            cards.Add(memoryOf(card, &memory) == Success ? new(name, (long)memory.Total, (long)memory.Used) : new(name, 0, 0));
        }
        return new(driver, cards.ToImmutable());
    }

    static string Text(byte* text) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
}
