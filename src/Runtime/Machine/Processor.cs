using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Mtlc.Runtime.Machine;

/// <param name="Kind">"data", "instructions" or "both".</param>
public sealed record ProcessorCache(int Level, string Kind, long Bytes);

/// <summary>The processor, as its CPUID instruction tells it (AMD, Architecture Programmer's Manual 3, appendix E; Intel,
/// Software Developer's Manual 2A).</summary>
/// <param name="Name">"AMD EPYC 9575F 64-Core Processor"; elsewhere than on x86 the architecture.</param>
/// <param name="Vendor">"AuthenticAMD", "GenuineIntel"; empty elsewhere than on x86.</param>
/// <param name="Caches">What the processor tells of its caches; empty where it tells nothing.</param>
/// <param name="CachesFrom">The CPUID leaf that told it.</param>
/// <param name="Identity">All that a library may choose its kernels by: model, features, every leaf about caches. Equal on equal
/// processors.</param>
public sealed record Processor(
    string Name,
    string Vendor,
    int Family,
    int Model,
    int Stepping,
    ImmutableArray<ProcessorCache> Caches,
    string CachesFrom,
    string Identity
)
{
    const uint Extended = 0x80000000,
        AmdSizes = 0x80000005,
        AmdShared = 0x80000006,
        AmdCaches = 0x8000001D,
        IntelCaches = 4;

    static readonly Lazy<Processor> Read = new(Of);

    public static Processor Current => Read.Value;

    static Processor Of()
    {
        if (!ThisProcessor.HasCpuid)
        {
            var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
            return new(architecture, "", 0, 0, 0, [], "", architecture);
        }
        var (most, b, c, d) = ThisProcessor.Read(0, 0);
        var vendor = Text(b, d, c);
        var (signature, _, _, _) = ThisProcessor.Read(1, 0);
        var (family, model) = ((signature >> 8) & 0xF, (signature >> 4) & 0xF);
        if (family is 6 or 0xF)
            model |= ((signature >> 16) & 0xF) << 4;
        if (family == 0xF)
            family += (signature >> 20) & 0xFF;
        var mostExtended = ThisProcessor.Read(Extended, 0).Eax;
        var name =
            mostExtended < Extended + 4
                ? ""
                : string.Concat(
                    new uint[] { 2, 3, 4 }.Select(i =>
                    {
                        var (a, e, f, g) = ThisProcessor.Read(Extended + i, 0);
                        return Text(a, e, f, g);
                    })
                );
        var (caches, from) = CachesOf(most, mostExtended);
        return new(
            name.Trim('\0', ' ') is { Length: > 0 } told ? told : vendor,
            vendor,
            (int)family,
            (int)model,
            (int)signature & 0xF,
            caches,
            from,
            IdentityOf(most, mostExtended)
        );
    }

    static (ImmutableArray<ProcessorCache>, string) CachesOf(uint most, uint mostExtended)
    {
        foreach (var (leaf, highest) in ((uint, uint)[])[(AmdCaches, mostExtended), (IntelCaches, most)])
        {
            if (leaf <= highest && Listed(leaf) is { Length: > 0 } listed)
                return (listed, Leaf(leaf));
        }
        if (mostExtended < AmdShared)
            return ([], "");
        // Kibibytes, and in the last half mebibytes.
        var (_, _, first, instructions) = ThisProcessor.Read(AmdSizes, 0);
        var (_, _, second, third) = ThisProcessor.Read(AmdShared, 0);
        ImmutableArray<ProcessorCache> sizes =
        [
            new(1, "data", (long)(first >> 24) << 10),
            new(1, "instructions", (long)(instructions >> 24) << 10),
            new(2, "both", (long)(second >> 16) << 10),
            new(3, "both", (long)(third >> 18) << 19),
        ];
        return ([.. sizes.Where(s => s.Bytes > 0)], $"{Leaf(AmdSizes)} and {Leaf(AmdShared)}");
    }

    static ImmutableArray<ProcessorCache> Listed(uint leaf)
    {
        var caches = ImmutableArray.CreateBuilder<ProcessorCache>();
        for (uint i = 0; i < 8; i++)
        {
            var (a, b, sets, _) = ThisProcessor.Read(leaf, i);
            if ((a & 0x1F) is 0 or > 3)
                break;
            var (ways, partitions, line) = ((b >> 22) + 1L, ((b >> 12) & 0x3FF) + 1L, (b & 0xFFF) + 1L);
            caches.Add(
                new(
                    (int)(a >> 5) & 7,
                    (a & 0x1F) switch
                    {
                        1 => "data",
                        2 => "instructions",
                        _ => "both",
                    },
                    ways * partitions * line * (sets + 1L)
                )
            );
        }
        return caches.ToImmutable();
    }

    // Without what differs from core to core: their numbers.
    static string IdentityOf(uint most, uint mostExtended)
    {
        var text = new StringBuilder();
        void Add(uint leaf, uint part = 0, bool withB = true)
        {
            if (leaf > (leaf >= Extended ? mostExtended : most))
                return;
            var (a, b, c, d) = ThisProcessor.Read(leaf, part);
            text.Append(CultureInfo.InvariantCulture, $"{leaf:x}.{part}:{a:x8},{(withB ? b : 0):x8},{c:x8},{d:x8};");
        }
        Add(0);
        Add(1, withB: false);
        Add(7);
        Add(7, 1);
        Add(Extended + 1);
        for (uint i = 2; i < 5; i++)
            Add(Extended + i);
        Add(AmdSizes);
        Add(AmdShared);
        for (uint i = 0; i < 4; i++)
        {
            Add(IntelCaches, i);
            Add(AmdCaches, i);
        }
        return text.ToString();
    }

    static string Leaf(uint leaf) => string.Create(CultureInfo.InvariantCulture, $"0x{leaf:X}");

    static string Text(params ReadOnlySpan<uint> registers) =>
        Encoding.ASCII.GetString(MemoryMarshal.AsBytes(registers)).TrimEnd('\0');
}
