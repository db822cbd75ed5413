using System.Diagnostics;
using System.Globalization;
using Mtlc.Runtime.Checkpoints;

namespace Mtlc.Runtime.Reports;

/// <summary>`resources.csv`: time, speed, processor and memory over a run, sampled no more often than about 500 times.</summary>
public sealed class ResourceLog : IDisposable
{
    const string Name = "resources.csv";
    const double Megabyte = 1 << 20;

    readonly CsvLog log;
    readonly Stopwatch clock = Stopwatch.StartNew();
    readonly double before;

    double sampled, sampledProcessor, trained, sinceTrained;
    long steps, images, sinceImages;

    /// <param name="step">Where the run continues.</param>
    public ResourceLog(RunDirectory run, long step)
    {
        var path = run.File(Name);
        log = new(path, ["step", "seconds", "images_per_second", "memory_mb", "peak_memory_mb", "processors_busy"],
            cells => long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var logged) && logged <= step);
        var last = File.ReadLines(path).Skip(1).LastOrDefault();
        before = last is not null && double.TryParse(last.Split(',')[1], CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
        sampled = before;
        using var process = Process.GetCurrentProcess();
        sampledProcessor = process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>Since the run began, the time between a kill and the resumption not included.</summary>
    public double Seconds => before + clock.Elapsed.TotalSeconds;

    public double StepSeconds => trained / steps;

    public double ImagesPerSecond => images / trained;

    public static long PeakMemory
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    public void Step(long step, int count, TimeSpan duration)
    {
        steps++;
        images += count;
        sinceImages += count;
        trained += duration.TotalSeconds;
        sinceTrained += duration.TotalSeconds;
        if (Seconds - sampled >= Math.Max(1, Seconds / 500))
            Sample(step);
    }

    public void Sample(long step)
    {
        using var process = Process.GetCurrentProcess();
        var (now, processor) = (Seconds, process.TotalProcessorTime.TotalSeconds);
        log.Add(step, Math.Round(now, 3), Math.Round(sinceTrained > 0 ? sinceImages / sinceTrained : double.NaN, 3),
            Math.Round(process.WorkingSet64 / Megabyte, 1), Math.Round(process.PeakWorkingSet64 / Megabyte, 1),
            Math.Round((processor - sampledProcessor) / Math.Max(1e-9, now - sampled), 3));
        (sampled, sampledProcessor, sinceImages, sinceTrained) = (now, processor, 0, 0);
    }

    public void Dispose() => log.Dispose();
}
