using System.Collections.Concurrent;
using Mtlc.Compiler.Experiments;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Experiments;
using Mtlc.Runtime.Reports;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Experiments;

public sealed class SweepQueueTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly ConcurrentQueue<string> trained = new();

    public void Dispose() => folder.Dispose();

    SweepFolder Sweep(string lines = "train.seed: range(4)") =>
        new(
            folder.Path,
            SweepPlan
                .Compile(
                    new(
                        "main.mtl",
                        $$"""
                        model small {
                          task semseg: segmentation { classes: 19 }
                          encoder trunk: resnet18
                          decoder head: trunk -> semseg
                          loss: cross_entropy(semseg)
                        }
                        sweep s { {{lines}} }
                        """
                    )
                )
                .Plan!
        );

    async Task<PointOutcome> Train(SweepPoint point, string directory, TrainingOutcome outcome = TrainingOutcome.Completed)
    {
        trained.Enqueue(point.Label);
        await Task.Yield();
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.yaml"), $"digest: {point.Digest.Run}\nrecipe: {point.Digest.Recipe}\n");
        new RunResult(outcome, 1, 0, 1, 1, 1, 1, 1, 1, null).Write(directory);
        return new(0);
    }

    [Fact]
    public async Task What_is_finished_is_never_run_again()
    {
        var sweep = Sweep();
        await new SweepQueue(sweep, (p, d, _, _) => Train(p, d)).Run(2, CancellationToken.None);
        Assert.Equal(4, trained.Count);

        var again = new SweepQueue(sweep, (p, d, _, _) => Train(p, d));
        Assert.Equal(4, again.Done);
        await again.Run(2, CancellationToken.None);

        Assert.Equal(4, trained.Count);
    }

    [Fact]
    public async Task One_failure_stops_no_other_and_is_tried_again()
    {
        var sweep = Sweep();
        Task<PointOutcome> Failing(SweepPoint point, string directory) =>
            point.Number == 2 ? Task.FromResult(new PointOutcome(65, "error: no data"))
            : point.Number == 3 ? throw new IOException("disk")
            : Train(point, directory);
        var queue = new SweepQueue(sweep, (p, d, _, _) => Failing(p, d));

        await queue.Run(1, CancellationToken.None);

        Assert.Equal(
            [
                new(PointState.Finished),
                new(PointState.Failed, "error: no data"),
                new(PointState.Failed, "disk"),
                new(PointState.Finished),
            ],
            sweep.Plan.Points.Select(queue.StatusOf)
        );
        await new SweepQueue(sweep, (p, d, _, _) => Train(p, d)).Run(1, CancellationToken.None);
        Assert.Equal(["train.seed = 0", "train.seed = 3", "train.seed = 1", "train.seed = 2"], trained);
    }

    [Fact]
    public async Task A_stop_lets_the_running_points_end_and_begins_no_other()
    {
        var sweep = Sweep();
        using var stop = new CancellationTokenSource();
        var queue = new SweepQueue(
            sweep,
            async (p, d, _, token) =>
            {
                trained.Enqueue(p.Label);
                await stop.CancelAsync();
                Assert.True(token.IsCancellationRequested);
                return new(75);
            }
        );

        await queue.Run(1, stop.Token);

        Assert.Single(trained);
        Assert.Equal(
            [PointState.Stopped, PointState.Waiting, PointState.Waiting, PointState.Waiting],
            sweep.Plan.Points.Select(p => queue.StatusOf(p).State)
        );
    }

    [Fact]
    public async Task Points_that_are_one_experiment_run_once()
    {
        await new SweepQueue(Sweep("train.batch: [4, 4, 2]"), (p, d, _, _) => Train(p, d)).Run(3, CancellationToken.None);

        Assert.Equal(2, trained.Count);
    }

    [Fact]
    public async Task A_diverged_point_is_not_run_again()
    {
        var sweep = Sweep();
        await new SweepQueue(sweep, (p, d, _, _) => Train(p, d, TrainingOutcome.Diverged)).Run(1, CancellationToken.None);
        await new SweepQueue(sweep, (p, d, _, _) => Train(p, d)).Run(1, CancellationToken.None);

        Assert.Equal(4, trained.Count);
    }

    [Fact]
    public async Task A_process_that_is_left_from_before_is_waited_for()
    {
        var sweep = Sweep("train.seed: [7]");
        var held = new RunLock(sweep.DirectoryOf(sweep.Plan.Points[0]));
        var queue = new SweepQueue(sweep, (p, d, _, _) => Train(p, d));
        var running = queue.Run(1, TestContext.Current.CancellationToken);
        while (queue.StatusOf(sweep.Plan.Points[0]).State != PointState.Locked)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Empty(trained);

        held.Dispose();
        await running;

        Assert.Equal(PointState.Finished, queue.StatusOf(sweep.Plan.Points[0]).State);
    }

    [Fact]
    public void The_plan_says_which_folder_is_which_point()
    {
        var sweep = Sweep("train.batch: [4, 2]");
        sweep.WritePlan();

        var lines = File.ReadAllLines(Path.Combine(folder.Path, "plan.csv"));

        Assert.Equal("point,folder,digest,recipe,train.batch", lines[0]);
        Assert.Equal(
            $"2,{Path.GetFileName(sweep.DirectoryOf(sweep.Plan.Points[1]))}",
            string.Join(',', lines[2].Split(',')[..2])
        );
    }
}
