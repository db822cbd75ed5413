using System.Globalization;

namespace Mtlc.Runtime.Reports.Resources;

/// <summary>
/// Energy of the machine's processor packages, from the counters of Linux's powercap (Intel and AMD: RAPL), whoever used it. They
/// wrap after some minutes under load, so that they must be read more often than that. </summary>
sealed class ProcessorEnergy
{
    const string System = "/sys/class/powercap";

    readonly List<Package> packages;

    ProcessorEnergy(List<Package> packages) => this.packages = packages;

    /// <returns>null where there are no counters, or only root may read them.</returns>
    public static ProcessorEnergy? Open(string folder = System)
    {
        try
        {
            // intel-rapl:0 is a package, intel-rapl:0:1 a part of it; intel-rapl-mmio:0 and "psys" count a package again.
            var packages = !Directory.Exists(folder)
                ? []
                : Directory
                    .GetDirectories(folder, "intel-rapl:*")
                    .Where(d =>
                        Path.GetFileName(d).Count(c => c == ':') == 1
                        && File.ReadAllText(Path.Combine(d, "name")).StartsWith("package", StringComparison.Ordinal)
                    )
                    .Select(d => new Package(d))
                    .ToList();
            return packages.Count > 0 ? new(packages) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Joules since this was opened.</summary>
    public double Read() => packages.Sum(p => p.Read()) / 1e6;

    sealed class Package(string folder)
    {
        readonly string counter = Path.Combine(folder, "energy_uj");
        readonly double range = Number(Path.Combine(folder, "max_energy_range_uj"));
        double last = Number(Path.Combine(folder, "energy_uj"));
        double sum;

        public double Read()
        {
            try
            {
                var now = Number(counter);
                sum += now >= last ? now - last : range - last + now;
                last = now;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                // A training that goes on is worth more than its meter.
            }
            return sum;
        }

        static double Number(string path) =>
            double.Parse(
                File.ReadAllText(path),
                NumberStyles.Integer | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture
            );
    }
}
