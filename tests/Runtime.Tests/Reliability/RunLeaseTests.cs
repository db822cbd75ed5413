using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reliability;

/// <summary>A folder that machines share, on a file system that keeps no locks between them: the other machine is written by
/// hand.</summary>
public sealed class RunLeaseTests : IDisposable
{
    static readonly LeaseTimes Fast = new(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(400));
    const string Other = "process 7 on elsewhere";

    readonly TemporaryFolder folder = new();
    readonly List<string> warnings = [];

    string Note => Path.Combine(folder.Path, "run.lock.owner");

    public void Dispose() => folder.Dispose();

    RunLock Take() => new(folder.Path, warnings.Add, _ => Fast);

    void Write(int beat) => AtomicFile.WriteText(Note, $"{Other}\nanother-kernel token-of-another {beat}\n");

    [Fact]
    public async Task A_process_of_another_machine_that_is_alive_keeps_the_directory()
    {
        Write(0);
        using var stop = new CancellationTokenSource();
        var alive = Task.Run(
            async () =>
            {
                for (var beat = 1; !stop.IsCancellationRequested; beat++)
                {
                    Write(beat);
                    await Task.Delay(Fast.Beat, CancellationToken.None);
                }
            },
            CancellationToken.None
        );

        var refused = Assert.Throws<RunException>(() => Take()).Message;
        await stop.CancelAsync();
        await alive;

        Assert.Contains($"another process is training into this directory ({Other})", refused, StringComparison.Ordinal);
        Assert.True(RunLease.SeemsAlive(folder.Path, Fast with { Silence = TimeSpan.FromMinutes(1) }));
    }

    [Fact]
    public void One_that_is_silent_is_taken_over()
    {
        Write(3);

        using (Take())
        {
            Assert.Contains(Other, Assert.Single(warnings), StringComparison.Ordinal);
            Assert.Equal($"process {Environment.ProcessId} on {Environment.MachineName}", RunLease.Owner(folder.Path));
        }
        Assert.False(File.Exists(Note));
    }

    [Fact]
    public void A_killed_process_of_this_machine_is_not_waited_for()
    {
        string note;
        using (Take())
            note = File.ReadAllText(Note);
        File.WriteAllText(Note, note);

        using (new RunLock(folder.Path, warnings.Add, _ => new(TimeSpan.FromHours(1), TimeSpan.FromHours(10))))
            Assert.Empty(warnings);
    }

    [Fact]
    public void Whoever_was_taken_over_writes_nothing_more()
    {
        using var held = Take();
        held.RequireOwn();
        Write(0);
        while (held.IsOwn)
            Thread.Sleep(10);

        var lost = Assert.Throws<RunException>(held.RequireOwn).Message;

        Assert.Contains($"was taken over by {Other} while this run was training", lost, StringComparison.Ordinal);
        held.Dispose();
        Assert.Equal(Other, RunLease.Owner(folder.Path)); // the other's note stays
    }
}
