using System.Collections.Immutable;
using System.Globalization;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>Something that a run took.</summary>
/// <param name="Key">As a `report` and `--format csv` name it.</param>
/// <param name="Of">NaN where it is not known.</param>
/// <param name="Text">For readers, with its unit.</param>
/// <param name="Note">What it means; empty where its title says it.</param>
public sealed record RunCost(string Key, string Title, Func<StoredRun, double> Of, Func<double, string> Text, string Note = "");

/// <summary>What runs took, as in the report's tables 8, 10, 12 and 14.</summary>
public static class RunCosts
{
    public static readonly ImmutableArray<RunCost> All =
    [
        new("parameters", "parameters", Of(r => r.Parameters), Shown("#,0"), "Parameters are the trainable ones."),
        new(
            "multiply_adds",
            "multiply-adds",
            Of(r => r.MultiplyAdds),
            v => Shown("0.00' G'")(v / 1e9),
            "Multiply-adds are those of one forward pass over one training crop."
        ),
        new("steps", "steps", Of(r => r.Steps), Shown("#,0")),
        new("step_time", "time a step", Of(r => r.StepSeconds), Shown("0.000' s'")),
        new("images_per_second", "images/s", Of(r => r.ImagesPerSecond), Shown("0.0")),
        new("time", "time", Of(r => r.Seconds), Time, "Time includes evaluations and saving."),
        new(
            "memory",
            "peak memory",
            Of(r => r.PeakMemory),
            v => Shown("#,0' MB'")(v / 1048576),
            "Peak memory is the process’s largest resident set."
        ),
        new(
            "gpu_memory",
            "peak GPU memory",
            Of(r => r.PeakGpuMemory),
            v => Shown("#,0' MB'")(v / 1048576),
            "GPU memory is all that was in use on the card."
        ),
        new(
            "energy",
            "energy",
            Of(r => r.Energy),
            Energy,
            "Energy is that of the whole machine’s processors and of the card while the run went on, as far as the system tells."
        ),
    ];

    /// <summary>Those that any of the runs knows; before any has ended, those that every run will know.</summary>
    public static ImmutableArray<RunCost> Known(IReadOnlyList<StoredRun> runs) =>
        [.. All.Where(c => c.Key is not ("gpu_memory" or "energy") || runs.Any(r => !double.IsNaN(c.Of(r))))];

    /// <summary>Over the runs that know it; NaN where none does.</summary>
    public static double Mean(RunCost cost, IEnumerable<StoredRun> runs) =>
        runs.Select(cost.Of).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    public static string Note(IEnumerable<RunCost> costs) => string.Join(' ', costs.Select(c => c.Note).Where(n => n.Length > 0));

    public static RunCost? Find(string key) => All.FirstOrDefault(c => c.Key == key);

    public static string Time(double seconds) =>
        double.IsNaN(seconds)
            ? "–"
            : TimeSpan
                .FromSeconds(Math.Round(seconds))
                .ToString(seconds < 86400 ? @"h\:mm\:ss" : @"d\ \d\ h\:mm\:ss", CultureInfo.InvariantCulture);

    static string Energy(double joules) =>
        joules >= 3.6e5 ? Shown("0.00' kWh'")(joules / 3.6e6)
        : joules >= 1000 ? Shown("0.0' kJ'")(joules / 1000)
        : Shown("0' J'")(joules);

    static Func<StoredRun, double> Of(Func<RunResult, double?> value) =>
        run => run.Result is { } result ? value(result) ?? double.NaN : double.NaN;

    static Func<double, string> Shown(string format) =>
        value => double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);
}
