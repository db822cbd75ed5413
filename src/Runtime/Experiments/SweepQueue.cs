using System.Collections.Immutable;
using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Experiments;

public enum PointState
{
    Waiting,

    /// <summary>Another process, left over from before, still holds the run directory.</summary>
    Locked,
    Running,
    Finished,

    /// <summary>By the halving; goes on where it is promoted.</summary>
    StoppedEarly,
    Diverged,
    Failed,
    Stopped,
}

/// <param name="Message">Why it failed.</param>
public sealed record PointStatus(PointState State, string? Message = null);

/// <summary>What training one point came to.</summary>
/// <param name="Error">The process's last words, where it failed.</param>
public sealed record PointOutcome(int ExitCode, string? Error = null);

/// <summary>Trains a point into its directory, resuming what lies there; must end soon after its token is cancelled.</summary>
/// <param name="limit">Steps in all, after which it ends; null for as many as its recipe has.</param>
public delegate Task<PointOutcome> PointTraining(SweepPoint point, string directory, long? limit, CancellationToken stop);

/// <summary>
/// Runs the points of a sweep, some at a time. All that is known lies in the run directories, so that it may be killed at any
/// moment and started again: what is finished is not run again, what was interrupted resumes, and a point that fails keeps no
/// other from running. </summary>
/// <param name="changed">Told whenever a state changes, by any thread.</param>
public sealed class SweepQueue(SweepFolder folder, PointTraining train, Action<SweepPoint>? changed = null)
{
    static readonly TimeSpan Polling = TimeSpan.FromMilliseconds(300);

    readonly ImmutableArray<SweepPoint> points = [.. folder.Plan.Points.DistinctBy(p => p.Digest.Run)];
    readonly Dictionary<string, PointStatus> states = [];
    readonly Dictionary<string, long?> limits = [];
    readonly HashSet<string> failed = new(StringComparer.Ordinal); // since this queue began: what failed before is tried again

    /// <summary>`--max-steps`: points end after so many steps.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>For the rungs of a halving; null where the data cannot be opened.</summary>
    public Func<SweepPoint, long?> StepsPerEpoch { get; init; } = _ => null;

    public PointStatus StatusOf(SweepPoint point)
    {
        lock (states)
            return states.TryGetValue(point.Digest.Run, out var status) ? status : states[point.Digest.Run] = Stored(point);
    }

    /// <summary>Steps at which a point ends that is running; null for as many as its recipe has.</summary>
    public long? LimitOf(SweepPoint point)
    {
        lock (states)
            return limits.GetValueOrDefault(point.Digest.Run);
    }

    /// <summary>Points whose run ended well or diverged: neither is run again.</summary>
    public int Done => Count(PointState.Finished, PointState.Diverged);

    /// <summary>Those that may still be trained, each recipe once.</summary>
    public IReadOnlyList<SweepPoint> Left =>
        [.. points.Where(p => StatusOf(p).State is not (PointState.Finished or PointState.Diverged))];

    public int Count(params PointState[] wanted) => points.Count(p => wanted.Contains(StatusOf(p).State));

    /// <summary>Those that another process trains at this moment.</summary>
    public IReadOnlyList<SweepPoint> Elsewhere => [.. Left.Where(p => RunLock.IsHeld(folder.DirectoryOf(p)))];

    /// <summary>Ends when every point has ended, or soon after <paramref name="stop"/>.</summary>
    /// <param name="jobs">How many at a time.</param>
    public async Task Run(int jobs, CancellationToken stop)
    {
        var next = folder.Plan.Halving is { } halving ? Halving(halving, jobs) : InOrder(jobs);
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        while (true)
        {
            foreach (var (point, limit) in stop.IsCancellationRequested ? [] : next(running.Count))
            {
                if (!running.ContainsKey(point.Digest.Run))
                    running[point.Digest.Run] = RunPoint(point, limit, stop);
            }
            if (running.Count == 0)
                return;
            await Task.WhenAny(running.Values).ConfigureAwait(false);
            foreach (var ended in running.Where(r => r.Value.IsCompleted).Select(r => r.Key).ToList())
            {
                await running[ended].ConfigureAwait(false);
                running.Remove(ended);
            }
        }
    }

    /// <summary>What to begin, told how many are running.</summary>
    Func<int, IReadOnlyList<(SweepPoint Point, long? Limit)>> InOrder(int jobs)
    {
        var waiting = new Queue<SweepPoint>(points.Where(p => StatusOf(p).State is PointState.Waiting or PointState.Failed));
        return running =>
            [.. Enumerable.Range(0, Math.Min(jobs - running, waiting.Count)).Select(_ => (waiting.Dequeue(), MaxSteps))];
    }

    Func<int, IReadOnlyList<(SweepPoint Point, long? Limit)>> Halving(Halving halving, int jobs)
    {
        var schedule = new HalvingSchedule(halving, points, jobs);
        var sign = MetricCatalog.Of(halving.Metric).Direction == MetricDirection.Lower ? -1 : 1;
        return _ =>
        {
            var jobsNow = schedule.Advance(Result);
            return [.. (jobsNow.Count > 0 ? jobsNow : Cut()).Select(j => (j.Point, Limit(j)))];
        };

        HalvingResult? Result(HalvingJob job)
        {
            if (HasFailed(job.Point))
                return new(null);
            if (TryOpen(job.Point) is not { } run)
                return null;
            var limit = Limit(job);
            var row = limit is { } steps ? Array.IndexOf(run.Metrics["step"], steps) : run.Metrics.Rows.Count - 1;
            if (row < 0 || (limit is null && run.Status != RunStatus.Finished))
                return run.Status == RunStatus.Diverged ? new(double.NaN) : null;
            if (StatusOf(job.Point).State == PointState.Waiting)
                Change(job.Point, new(run.Status == RunStatus.Finished ? PointState.Finished : PointState.StoppedEarly));
            return new(sign * run.Curve(halving.Metric)[row]);
        }

        // A process that was killed between its last evaluation and its end left a score, but a run that is not at its end.
        IEnumerable<HalvingJob> Cut() =>
            points
                .Where(p => !HasFailed(p) && TryOpen(p)?.Status is RunStatus.Interrupted or RunStatus.Stopped)
                .Select(schedule.Last);

        long? Limit(HalvingJob job) => job.Rung == halving.Rungs.Length - 1 ? null : job.Epochs * StepsPerEpoch(job.Point);
    }

    async Task RunPoint(SweepPoint point, long? limit, CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            lock (states)
                limits[point.Digest.Run] = limit;
            var directory = folder.DirectoryOf(point);
            while (RunLock.IsHeld(directory) && !stop.IsCancellationRequested)
            {
                Change(point, new(PointState.Locked));
                await Task.Delay(Polling, CancellationToken.None).ConfigureAwait(false);
            }
            // Whoever held it may have finished it.
            if (Ended(point, limit) is { } before)
            {
                Change(point, before);
                return;
            }
            if (stop.IsCancellationRequested)
            {
                Change(point, new(PointState.Waiting));
                return;
            }
            Change(point, new(PointState.Running));
            var outcome = await train(point, directory, limit, stop).ConfigureAwait(false);
            Change(
                point,
                Ended(point, limit)
                    ?? (
                        stop.IsCancellationRequested
                            ? new(PointState.Stopped)
                            : new(
                                PointState.Failed,
                                outcome.Error ?? FormattableString.Invariant($"ended with exit code {outcome.ExitCode}")
                            )
                    )
            );
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or InvalidOperationException
                        or System.ComponentModel.Win32Exception
            )
        {
            Change(point, new(PointState.Failed, e.Message));
        }
    }

    bool HasFailed(SweepPoint point)
    {
        lock (states)
            return failed.Contains(point.Digest.Run);
    }

    void Change(SweepPoint point, PointStatus status)
    {
        lock (states)
        {
            if (status.State == PointState.Failed)
                failed.Add(point.Digest.Run);
            if (states.GetValueOrDefault(point.Digest.Run) == status)
                return;
            states[point.Digest.Run] = status;
        }
        changed?.Invoke(point);
    }

    /// <summary>The state of a run that has come to its end, or to a limit.</summary>
    PointStatus? Ended(SweepPoint point, long? limit) =>
        Open(point) switch
        {
            { Status: RunStatus.Finished } => new(PointState.Finished),
            { Status: RunStatus.Diverged, Result: var result } => new(PointState.Diverged, result?.Message),
            { Status: RunStatus.StoppedEarly, Result: var result } when limit <= result!.Steps => new(
                folder.Plan.Halving is null ? PointState.Finished : PointState.StoppedEarly
            ),
            _ => null,
        };

    /// <summary>What the disk says before anything runs.</summary>
    PointStatus Stored(SweepPoint point)
    {
        try
        {
            var limit = folder.Plan.Halving is null ? MaxSteps : 0; // at whatever rung
            return Ended(point, limit) ?? new(PointState.Waiting);
        }
        catch (RunException e)
        {
            return new(PointState.Failed, e.Message);
        }
    }

    /// <summary>null where the run has not begun.</summary>
    /// <exception cref="RunException">The folder holds a run of another recipe, or a damaged one.</exception>
    StoredRun? Open(SweepPoint point) => folder.Run(point.Digest.Run);

    /// <summary>null also where it cannot be read: it is being written, or <see cref="RunPoint"/> will say what is
    /// wrong.</summary>
    StoredRun? TryOpen(SweepPoint point)
    {
        try
        {
            return Open(point);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
