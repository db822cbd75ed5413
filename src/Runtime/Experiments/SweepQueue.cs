using System.Collections.Immutable;
using Mtlc.Compiler.Sweeps;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Experiments;

public enum PointState
{
    Waiting,

    /// <summary>Another process, left over from before, still holds the run directory.</summary>
    Locked,
    Running,
    Finished,
    Diverged,
    Failed,
    Stopped,
}

/// <param name="Message">Why it failed.</param>
public sealed record PointStatus(PointState State, string? Message = null);

/// <summary>What training one point came to.</summary>
/// <param name="Error">The process's last words, where it failed.</param>
public sealed record PointOutcome(int ExitCode, string? Error = null);

/// <summary>
/// Runs the points of a sweep, some at a time. All that is known lies in the run directories, so that it may be killed at any moment and started
/// again: what is finished is not run again, what was interrupted resumes, and a point that fails keeps no other from running.
/// </summary>
/// <param name="train">Trains a point into its directory, resuming what lies there; must end soon after its token is cancelled.</param>
/// <param name="changed">Told whenever a state changes, by any thread.</param>
public sealed class SweepQueue(SweepFolder folder, Func<SweepPoint, string, CancellationToken, Task<PointOutcome>> train, Action<SweepPoint>? changed = null)
{
    static readonly TimeSpan Polling = TimeSpan.FromMilliseconds(300);

    readonly Dictionary<string, PointStatus> states = folder.Digests.ToDictionary(d => d, d => Stored(folder, d), StringComparer.Ordinal);

    public PointStatus StatusOf(SweepPoint point)
    {
        lock (states)
            return states[point.Digest.Run];
    }

    /// <summary>Points whose run ended well or diverged: neither is run again.</summary>
    public int Done => Count(PointState.Finished, PointState.Diverged);

    public int Count(params PointState[] wanted)
    {
        lock (states)
            return states.Values.Count(s => wanted.Contains(s.State));
    }

    /// <summary>Ends when every point has ended, or soon after <paramref name="stop"/>.</summary>
    /// <param name="jobs">How many at a time.</param>
    public async Task Run(int jobs, CancellationToken stop)
    {
        folder.WritePlan();
        using var places = new SemaphoreSlim(jobs);
        var first = folder.Plan.Points.DistinctBy(p => p.Digest.Run).Where(p => StatusOf(p).State is PointState.Waiting or PointState.Failed).ToImmutableArray();
        var running = new List<Task>();
        foreach (var point in first)
        {
            try
            {
                await places.WaitAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            running.Add(RunPoint(point, places, stop));
        }
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    async Task RunPoint(SweepPoint point, SemaphoreSlim places, CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            var directory = folder.DirectoryOf(point);
            while (RunLock.IsHeld(directory) && !stop.IsCancellationRequested)
            {
                Change(point, new(PointState.Locked));
                await Task.Delay(Polling, CancellationToken.None).ConfigureAwait(false);
            }
            // Whoever held it may have finished it.
            if (Stored(folder, point.Digest.Run) is { State: PointState.Finished or PointState.Diverged } stored)
            {
                Change(point, stored);
                return;
            }
            if (stop.IsCancellationRequested)
            {
                Change(point, new(PointState.Waiting));
                return;
            }
            Change(point, new(PointState.Running));
            var outcome = await train(point, directory, stop).ConfigureAwait(false);
            var status = Stored(folder, point.Digest.Run);
            Change(point, status.State is PointState.Finished or PointState.Diverged ? status
                : stop.IsCancellationRequested ? new(PointState.Stopped)
                : new(PointState.Failed, outcome.Error ?? FormattableString.Invariant($"ended with exit code {outcome.ExitCode}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Change(point, new(PointState.Failed, e.Message));
        }
        finally
        {
            places.Release();
        }
    }

    void Change(SweepPoint point, PointStatus status)
    {
        lock (states)
        {
            if (states[point.Digest.Run] == status)
                return;
            states[point.Digest.Run] = status;
        }
        changed?.Invoke(point);
    }

    static PointStatus Stored(SweepFolder folder, string digest)
    {
        try
        {
            return folder.Run(digest)?.Status switch
            {
                RunStatus.Finished => new(PointState.Finished),
                RunStatus.Diverged => new(PointState.Diverged, folder.Run(digest)?.Result?.Message),
                _ => new(PointState.Waiting),
            };
        }
        catch (RunException e)
        {
            return new(PointState.Failed, e.Message);
        }
    }
}
