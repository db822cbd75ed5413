using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Reports.Runs;

public enum RunStatus
{
    /// <summary>Every epoch is done.</summary>
    Finished,

    /// <summary>Ended at a limit of steps, by `--max-steps` or the halving of a sweep; can go on.</summary>
    StoppedEarly,

    /// <summary>Ended because its loss was not finite.</summary>
    Diverged,

    /// <summary>Stopped on request; can be resumed.</summary>
    Stopped,

    /// <summary>A process is training it.</summary>
    Running,

    /// <summary>Neither ended nor being trained: it was killed and can be resumed.</summary>
    Interrupted,
}

/// <summary>A run directory as others read it: nothing is loaded before it is asked for, and nothing needs libtorch.</summary>
public sealed class StoredRun
{
    static readonly string MultitaskKey = MultitaskScore.Measure.Key;

    readonly Lazy<NumberTable> metrics,
        steps,
        resources;
    readonly Lazy<RunStatus> status;

    StoredRun(string root, RunSettings settings, RunResult? result)
    {
        (Root, Settings, Result) = (root, settings, result);
        metrics = new(() => NumberTable.Read(Path.Combine(root, "metrics.csv")));
        steps = new(() => NumberTable.Read(Path.Combine(root, "steps.csv")));
        resources = new(() => NumberTable.Read(Path.Combine(root, "resources.csv")));
        status = new(FindStatus);
    }

    public string Root { get; }

    /// <summary>The folder's name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Root)));

    public RunSettings Settings { get; }

    public RunResult? Result { get; }

    public string Model => Settings["model"] ?? "";

    /// <summary>The digest of the recipe with its seed; the folder's name for runs that have none.</summary>
    public string Digest => Settings["digest"] is { Length: > 0 } digest ? digest : Name;

    /// <summary>The same without the seed: equal for repeats.</summary>
    public string Recipe => Settings["recipe"] is { Length: > 0 } recipe ? recipe : Name;

    public RunStatus Status => status.Value;

    /// <summary>The status in words: "stopped early".</summary>
    public string State => Status == RunStatus.StoppedEarly ? "stopped early" : Status.ToString().ToLowerInvariant();

    /// <summary>A row an evaluation: step, epoch, seconds, then metrics by key.</summary>
    public NumberTable Metrics => metrics.Value;

    public NumberTable Steps => steps.Value;

    public NumberTable Resources => resources.Value;

    public DateTime Changed =>
        new[] { "metrics.csv", "steps.csv", RunDirectory.Configuration }
            .Select(f => Path.Combine(Root, f))
            .Where(File.Exists)
            .Select(File.GetLastWriteTimeUtc)
            .DefaultIfEmpty()
            .Max();

    /// <summary>Evaluation after so many epochs: number and picture of fixed validation samples.</summary>
    public ImmutableArray<(string Title, string Path)> Samples =>
        !Directory.Exists(Path.Combine(Root, "samples"))
            ? []
            :
            [
                .. Directory
                    .GetFiles(Path.Combine(Root, "samples"), "*.png")
                    .Order(StringComparer.Ordinal)
                    .Select(p =>
                        (
                            Path.GetFileNameWithoutExtension(p).Split('-') is [var what, var number]
                                ? $"{what} {number.TrimStart('0')}"
                                : Path.GetFileNameWithoutExtension(p),
                            p
                        )
                    ),
            ];

    /// <exception cref="RunException">There is no run in the folder, or its files are damaged.</exception>
    public static StoredRun Open(string root)
    {
        var path = Path.Combine(root, RunDirectory.Configuration);
        if (!File.Exists(path))
            throw new RunException($"{root}: there is no run in this folder (it has no {RunDirectory.Configuration})");
        return new(root, RunSettings.Parse(RegularFile.ReadAllText(path), path), RunResult.Read(root));
    }

    /// <summary>Every run at or below a folder, in the order of their paths or of the sweep; run directories are not searched
    /// further.</summary>
    /// <param name="damaged">Told of each that cannot be read.</param>
    public static IEnumerable<StoredRun> Find(string folder, Action<string>? damaged = null) =>
        new RunSearch(damaged).Below(folder);

    /// <summary>
    /// The keys of the metrics in the order of the file, without step, epoch and time; with the multitask score in front where it
    /// is defined. Those of a task that no evaluation could score, for nothing was labelled, are left out. </summary>
    public IEnumerable<string> Keys
    {
        get
        {
            var keys = Metrics
                .Header.Where(h => h is not ("step" or "epoch" or "seconds") && h != MultitaskKey)
                .GroupBy(h => MetricCatalog.Of(h).Task)
                .Where(task => Metrics.Rows.Count == 0 || task.Any(IsScored))
                .SelectMany(task => task)
                .ToList();
            return MultitaskScore.Parts(keys) is null ? keys : keys.Prepend(MultitaskKey);
        }
    }

    // Counts are there without a label too.
    bool IsScored(string key) =>
        MetricCatalog.Of(key).Direction != MetricDirection.None && Metrics[key].Any(v => !double.IsNaN(v));

    /// <summary>A metric over the evaluations. The multitask score is computed from its parts, whatever the file says.</summary>
    public double[] Curve(string key)
    {
        if (key == MultitaskKey && MultitaskScore.Parts(Metrics.Header) is var (iou, depth))
            return [.. Metrics[iou].Zip(Metrics[depth], MultitaskScore.Of)];
        return Metrics[key];
    }

    /// <summary>A metric at the last evaluation; NaN where there is none.</summary>
    public double Score(string key) => Curve(key) is { Length: > 0 } curve ? curve[^1] : double.NaN;

    /// <summary>The training loss over the seconds at which it was seen, as far as `resources.csv` tells.</summary>
    public double[] SecondsOfSteps()
    {
        var (at, seconds) = (Resources["step"], Resources["seconds"]);
        if (at.Length == 0)
            (at, seconds) = (Metrics["step"], Metrics["seconds"]);
        return [.. Steps["step"].Select(step => Interpolate(at, seconds, step))];
    }

    public string Read(string file) => RegularFile.ReadAllText(Path.Combine(Root, file));

    static double Interpolate(double[] xs, double[] ys, double x)
    {
        if (xs.Length == 0)
            return double.NaN;
        var i = Array.BinarySearch(xs, x);
        if (i >= 0)
            return ys[i];
        i = ~i;
        if (i == xs.Length)
            return xs[^1] > 0 ? ys[^1] * x / xs[^1] : double.NaN;
        var (x0, y0) = i == 0 ? (0, 0) : (xs[i - 1], ys[i - 1]);
        return y0 + (ys[i] - y0) * (x - x0) / (xs[i] - x0);
    }

    RunStatus FindStatus() =>
        Result?.Outcome switch
        {
            TrainingOutcome.Completed => RunStatus.Finished,
            TrainingOutcome.StepLimit => RunStatus.StoppedEarly,
            TrainingOutcome.Diverged => RunStatus.Diverged,
            TrainingOutcome.Stopped when !RunLock.IsHeld(Root) => RunStatus.Stopped,
            _ => RunLock.IsHeld(Root) ? RunStatus.Running : RunStatus.Interrupted,
        };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}: {Model}, {Status}");
}
