using Mtlc.Runtime.Reports.Resources;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reports.Resources;

/// <summary>A folder as Linux's powercap shows it.</summary>
public sealed class ProcessorEnergyTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    void Zone(string zone, string name, long microjoules, long range = 262_143_328_850)
    {
        folder.File($"{zone}/name", name + "\n");
        folder.File($"{zone}/energy_uj", $"{microjoules}\n");
        folder.File($"{zone}/max_energy_range_uj", $"{range}\n");
    }

    [Fact]
    public void Packages_are_added_and_their_parts_are_not()
    {
        Zone("intel-rapl:0", "package-0", 5_000_000);
        Zone("intel-rapl:1", "package-1", 7_000_000);
        Zone("intel-rapl:0:0", "core", 1_000_000);
        Zone("intel-rapl:2", "psys", 9_000_000);
        Zone("intel-rapl-mmio:0", "package-0", 5_000_000);
        var energy = ProcessorEnergy.Open(folder.Path)!;
        Assert.Equal(0, energy.Read());

        Zone("intel-rapl:0", "package-0", 6_500_000);
        Zone("intel-rapl:1", "package-1", 7_250_000);
        Zone("intel-rapl:0:0", "core", 4_000_000);
        Zone("intel-rapl:2", "psys", 19_000_000);
        Zone("intel-rapl-mmio:0", "package-0", 6_500_000);

        Assert.Equal(1.75, energy.Read(), 9);
        Assert.Equal(1.75, energy.Read(), 9);
    }

    [Fact]
    public void A_counter_that_wraps_goes_on()
    {
        Zone("intel-rapl:0", "package-0", 9_000_000, range: 10_000_000);
        var energy = ProcessorEnergy.Open(folder.Path)!;
        foreach (var now in new[] { 2_000_000, 8_000_000, 1_000_000 })
        {
            Zone("intel-rapl:0", "package-0", now, range: 10_000_000);
            energy.Read();
        }

        Assert.Equal(3 + 6 + 3, energy.Read(), 9);
    }

    [Fact]
    public void Where_there_are_no_counters_there_is_no_energy()
    {
        Assert.Null(ProcessorEnergy.Open(Path.Combine(folder.Path, "none")));
        Assert.Null(ProcessorEnergy.Open(folder.Path));
        Directory.CreateDirectory(Path.Combine(folder.Path, "intel-rapl:0")); // a zone whose files cannot be read
        Assert.Null(ProcessorEnergy.Open(folder.Path));
    }

    [Fact]
    public void A_counter_that_vanishes_keeps_what_it_told()
    {
        Zone("intel-rapl:0", "package-0", 0);
        var energy = ProcessorEnergy.Open(folder.Path)!;
        Zone("intel-rapl:0", "package-0", 2_000_000);
        Assert.Equal(2, energy.Read());

        Directory.Delete(Path.Combine(folder.Path, "intel-rapl:0"), recursive: true);

        Assert.Equal(2, energy.Read());
    }
}
