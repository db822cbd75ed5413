using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Training;

namespace Mtlc.Runtime.Tracking;

/// <summary>
/// Tells a tracker of a run by following the run's own files from a thread of its own. Training neither knows nor waits; a
/// tracker that is slow or away for a while gets later what it missed, since the files are the queue. </summary>
public sealed class RunTracking : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2),
        LongestPause = TimeSpan.FromMinutes(1);
    static readonly (string File, string Prefix)[] Tables =
    [
        ("steps.csv", "train/"),
        ("metrics.csv", "validation/"),
        ("resources.csv", "system/"),
    ];

    readonly Tracker tracker;
    readonly string directory;
    readonly TimeSpan interval;
    readonly ImmutableArray<(CsvTail Table, string Prefix)> tails;
    readonly Dictionary<string, (long Length, DateTime Written)> stored = [];
    readonly ConcurrentQueue<string> warnings = new();
    readonly ManualResetEventSlim ended = new();
    readonly CancellationTokenSource stop = new();
    readonly Thread thread;

    // By key, the newest step that the other side had when the run was opened there; null while it is not.
    IReadOnlyDictionary<string, long>? known;
    TrackedEnd end;
    bool warned,
        storesFiles = true;

    /// <param name="directory">The run directory.</param>
    /// <param name="interval">How often the files are looked at.</param>
    public RunTracking(Tracker tracker, string directory, TimeSpan? interval = null)
    {
        (this.tracker, this.directory, this.interval) = (tracker, directory, interval ?? Interval);
        tails = [.. Tables.Select(t => (new CsvTail(Path.Combine(directory, t.File)), t.Prefix))];
        thread = new Thread(Follow) { IsBackground = true, Name = "tracker" };
    }

    /// <summary>Where a person can look at the run; null where the tracker has not answered.</summary>
    public string? Page => tracker.Page;

    /// <summary>Events that also start the tracking, and pass its warning on from the thread that trains.</summary>
    public TrainingEvents Watch(TrainingEvents events) =>
        events with
        {
            Started = plan =>
            {
                events.Started?.Invoke(plan);
                thread.Start(); // by now the logs are cut to where the run goes on
            },
            Stepped = step =>
            {
                events.Stepped?.Invoke(step);
                while (warnings.TryDequeue(out var warning))
                    events.Warned?.Invoke(warning);
            },
        };

    /// <summary>Sends what is left, for a limited time.</summary>
    /// <param name="outcome">null where an error ended the run.</param>
    /// <returns>What is still to be said.</returns>
    public IReadOnlyList<string> End(TrainingOutcome? outcome, TimeSpan limit)
    {
        if (!thread.IsAlive)
            return [.. warnings];
        end = outcome switch
        {
            TrainingOutcome.Completed or TrainingOutcome.StepLimit => TrackedEnd.Finished,
            TrainingOutcome.Stopped => TrackedEnd.Stopped,
            _ => TrackedEnd.Failed,
        };
        stop.CancelAfter(limit);
        ended.Set();
        thread.Join(limit + TimeSpan.FromSeconds(1));
        return [.. warnings];
    }

    public void Dispose()
    {
        if (thread.IsAlive)
            End(null, TimeSpan.Zero);
        if (!thread.IsAlive) // else it is left to itself, and ends with the process
            tracker.Dispose();
    }

    void Follow()
    {
        var pause = TimeSpan.Zero;
        for (var failures = 0; ; )
        {
            var isEnd = ended.Wait(pause);
            try
            {
                Send(isEnd);
                if (isEnd)
                    return;
                (failures, pause) = (0, interval);
            }
            // Whatever goes wrong here must not end the process.
            catch (Exception e)
            {
                known = null;
                failures++;
                pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, interval.Ticks << Math.Min(failures, 10)));
                if (!warned && !isEnd)
                    warnings.Enqueue(
                        $"{tracker.Title}: {e.Message}; training goes on, and what is missing is sent when it answers again"
                    );
                warned = true;
                if (!isEnd)
                    continue;
                if (failures == 1 && !stop.IsCancellationRequested)
                    continue; // a connection that has just broken
                warnings.Enqueue($"{tracker.Title} has not got all of the run: {e.Message}; everything is in {directory}");
                return;
            }
        }
    }

    void Send(bool isEnd)
    {
        if (known is null)
        {
            known = tracker.Open(Describe(), stop.Token);
            foreach (var (table, _) in tails)
                table.Rewind();
        }
        foreach (var (table, prefix) in tails)
        {
            while (table.Read() is { Count: > 0 } rows)
                Log(Numbers(table.Header, rows, prefix));
        }
        foreach (var (path, place) in Files(isEnd))
            Store(path, place);
        if (isEnd)
            tracker.End(end, stop.Token);
    }

    void Log(List<TrackedNumber> numbers)
    {
        if (numbers.Count == 0)
            return;
        try
        {
            tracker.Log(numbers, stop.Token);
        }
        catch (TrackerException e) when (e.IsRefusal)
        {
            Refused(e, "some numbers are missing there"); // and would be refused for ever, with all that follow
        }
    }

    void Store(string path, string place)
    {
        var file = new FileInfo(path);
        if (
            !storesFiles
            || !file.Exists
            || (stored.TryGetValue(place, out var before) && before == (file.Length, file.LastWriteTimeUtc))
        )
            return;
        try
        {
            tracker.Store(path, place, stop.Token);
        }
        catch (TrackerException e) when (e.IsRefusal)
        {
            storesFiles = false;
            Refused(e, "no files are stored there");
        }
        stored[place] = (file.Length, file.LastWriteTimeUtc);
    }

    void Refused(TrackerException e, string consequence)
    {
        if (!warned)
            warnings.Enqueue($"{tracker.Title}: {e.Message}; training goes on, but {consequence}");
        warned = true;
    }

    List<TrackedNumber> Numbers(string[] header, IReadOnlyList<string[]> rows, string prefix)
    {
        var keys = Keys(header, prefix);
        var (numbers, now) = (new List<TrackedNumber>(), DateTimeOffset.UtcNow);
        foreach (var row in rows)
        {
            if (
                row.Length != header.Length
                || !long.TryParse(row[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            )
                continue;
            for (var i = 0; i < keys.Length; i++)
            {
                // A run that was killed makes some steps again, which the other side has.
                if (
                    keys[i] is { } key
                    && !(known!.TryGetValue(key, out var has) && step <= has)
                    && double.TryParse(row[i], CultureInfo.InvariantCulture, out var value)
                    && double.IsFinite(value)
                )
                    numbers.Add(new(key, value, step, now));
            }
        }
        return numbers;
    }

    // Trackers may keep keys as files, so that none can be the folder of another: beside "loss", "loss/depth" is called
    // "loss.depth".
    string?[] Keys(string[] header, string prefix)
    {
        var taken = header.ToHashSet(StringComparer.Ordinal);
        return Array.ConvertAll(
            header,
            column =>
            {
                if (column is "step" or "epoch" or "seconds")
                    return null;
                var folder = header.FirstOrDefault(c => column.StartsWith(c + "/", StringComparison.Ordinal));
                if (folder is null)
                    return tracker.KeyOf(prefix + column);
                var dotted = $"{folder}.{column[(folder.Length + 1)..].Replace('/', '.')}";
                while (!taken.Add(dotted)) // a class may be called so
                    dotted = dotted.Insert(folder.Length, ".");
                return tracker.KeyOf(prefix + dotted);
            }
        );
    }

    TrackedRun Describe()
    {
        var path = Path.Combine(directory, RunDirectory.Configuration);
        var settings = RunSettings.Parse(RegularFile.ReadAllText(path), path);
        return new(
            directory,
            [KeyValuePair.Create("model", settings["model"] ?? ""), .. settings.Recipe],
            [
                .. settings.Values.Where(v =>
                    v.Key is "digest" or "recipe" || v.Key.StartsWith("runtime.", StringComparison.Ordinal)
                ),
            ]
        );
    }

    // Settings, program and pictures as they come, the logs once they are complete. Weights stay: a checkpoint may be gigabytes.
    IEnumerable<(string Path, string Place)> Files(bool isEnd)
    {
        IEnumerable<string> paths =
        [
            Path.Combine(directory, RunDirectory.Configuration),
            .. Below("source"),
            .. Below("samples"),
        ];
        if (isEnd)
            paths =
            [
                .. paths,
                Path.Combine(directory, RunDirectory.Statistics),
                Path.Combine(directory, RunResult.Name),
                .. Directory.EnumerateFiles(directory, "*.csv"),
            ];
        return paths
            .Where(p => !Path.GetFileName(p).StartsWith('.'))
            .Select(p => (p, Path.GetRelativePath(directory, p).Replace('\\', '/')));

        IEnumerable<string> Below(string folder) =>
            Path.Combine(directory, folder) is var full && Directory.Exists(full)
                ? Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                : [];
    }
}
