using System.Diagnostics;
using System.Globalization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Reports.Runs;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Reports.Resources;

/// <summary>`resources.csv`: time, speed, processor, memory and energy over a run, sampled no more often than about 500
/// times.</summary>
public sealed class ResourceLog : IDisposable
{
    const string Name = "resources.csv";
    const double Megabyte = 1 << 20;
    const double BetweenReadings = 20; // seconds; the counters of energy wrap

    readonly CsvLog log;
    readonly Stopwatch clock = Stopwatch.StartNew();
    readonly ProcessorEnergy? processors = ProcessorEnergy.Open();
    readonly GpuMeter? gpu;
    readonly double before,
        peakBefore,
        cpuEnergyBefore,
        gpuEnergyBefore;

    double sampled,
        read,
        sampledProcessor,
        trained,
        sinceTrained;
    long steps,
        images,
        sinceImages;

    /// <param name="step">Where the run continues.</param>
    public ResourceLog(RunDirectory run, long step, Device device)
    {
        var path = run.File(Name);
        log = new(
            path,
            [
                "step",
                "seconds",
                "images_per_second",
                "memory_mb",
                "peak_memory_mb",
                "processors_busy",
                "gpu_memory_mb",
                "cpu_energy_j",
                "gpu_energy_j",
            ],
            cells => long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var logged) && logged <= step
        );
        var rows = NumberTable.Read(path);
        (before, cpuEnergyBefore, gpuEnergyBefore) = (Last("seconds"), Last("cpu_energy_j"), Last("gpu_energy_j"));
        peakBefore = Last("peak_memory_mb");
        PeakGpuMemory =
            rows["gpu_memory_mb"].Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max() is var most && double.IsNaN(most)
                ? null
                : (long)(most * Megabyte);
        (sampled, read) = (before, before);
        gpu = GpuMeter.Open(device);
        using var process = Process.GetCurrentProcess();
        sampledProcessor = process.TotalProcessorTime.TotalSeconds;

        double Last(string column) => rows[column] is [.., var last] && double.IsFinite(last) ? last : 0;
    }

    /// <summary>Since the run began, the time between a kill and the resumption not included.</summary>
    public double Seconds => before + clock.Elapsed.TotalSeconds;

    public double StepSeconds => trained / steps;

    public double ImagesPerSecond => images / trained;

    /// <summary>Bytes of the largest resident set, over every resumption.</summary>
    public long PeakMemory
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return Math.Max(process.PeakWorkingSet64, (long)(peakBefore * Megabyte));
        }
    }

    /// <summary>Bytes; null without a GPU.</summary>
    public long? PeakGpuMemory { get; private set; }

    /// <summary>Joules; null where the system does not tell.</summary>
    public double? CpuEnergy { get; private set; }

    /// <summary>Joules; null without a GPU that tells.</summary>
    public double? GpuEnergy { get; private set; }

    public void Step(long step, int count, TimeSpan duration)
    {
        steps++;
        images += count;
        sinceImages += count;
        trained += duration.TotalSeconds;
        sinceTrained += duration.TotalSeconds;
        var now = Seconds;
        if (now - sampled >= Math.Max(1, now / 500))
            Sample(step);
        else if (now - read >= BetweenReadings)
            ReadMeters();
    }

    public void Sample(long step)
    {
        using var process = Process.GetCurrentProcess();
        var (now, processor) = (Seconds, process.TotalProcessorTime.TotalSeconds);
        var gpuMemory = ReadMeters();
        log.Add(
            step,
            Math.Round(now, 3),
            Math.Round(sinceTrained > 0 ? sinceImages / sinceTrained : double.NaN, 3),
            Math.Round(process.WorkingSet64 / Megabyte, 1),
            Math.Round(PeakMemory / Megabyte, 1),
            Math.Round((processor - sampledProcessor) / Math.Max(1e-9, now - sampled), 3),
            Rounded(gpuMemory / Megabyte),
            Rounded(CpuEnergy),
            Rounded(GpuEnergy)
        );
        (sampled, sampledProcessor, sinceImages, sinceTrained) = (now, processor, 0, 0);
    }

    /// <returns>Bytes in use on the card.</returns>
    long? ReadMeters()
    {
        read = Seconds;
        CpuEnergy = cpuEnergyBefore + processors?.Read();
        GpuEnergy = gpuEnergyBefore + gpu?.Joules;
        var memory = gpu?.MemoryInUse;
        PeakGpuMemory = memory is { } bytes ? Math.Max(bytes, PeakGpuMemory ?? 0) : PeakGpuMemory;
        return memory;
    }

    static object? Rounded(double? value) => value is { } number ? Math.Round(number, 1) : null;

    public void Dispose() => log.Dispose();
}
