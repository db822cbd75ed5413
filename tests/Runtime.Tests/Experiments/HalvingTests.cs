using System.Collections.Concurrent;
using System.Globalization;
using Mtlc.Compiler.Experiments;
using Mtlc.Runtime.Experiments;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Experiments;

public sealed class HalvingTests : IDisposable
{
    const int StepsPerEpoch = 10;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // 8 epochs: rungs after 1, 2, 4 and 8.
    static SweepPlan Plan(int points) =>
        SweepPlan
            .Compile(
                new(
                    "main.mtl",
                    $$"""
                    train { epochs: 8 }
                    model small {
                      task semseg: segmentation { classes: 19 }
                      encoder trunk: resnet18
                      decoder head: trunk -> semseg
                      loss: cross_entropy(semseg)
                    }
                    sweep s {
                      train.seed: range({{points}})
                      stop: halving("semseg/mean_iou", factor: 2)
                    }
                    """
                )
            )
            .Plan!;

    // Scattered, and different at each rung, as scores of real runs are.
    static double Score(SweepPoint point, int epochs) => point.Number * 7919 % 101 + epochs * 3 + (point.Number + epochs) % 5;

    static List<(int Point, int Rung)> Simulate(SweepPlan plan, int workers, Func<HalvingJob, HalvingResult?> result)
    {
        var schedule = new HalvingSchedule(plan.Halving!, plan.Points, workers);
        var ended = new List<HalvingJob>();
        while (schedule.Advance(j => ended.Contains(j) ? result(j) : null) is { Count: > 0 } jobs)
        {
            Assert.True(jobs.Count <= workers);
            ended.Add(jobs[0]);
        }
        return [.. ended.Select(j => (j.Point.Number, j.Rung))];
    }

    [Fact]
    public void One_worker_promotes_whoever_is_in_the_better_half_so_far()
    {
        // Scores by point: 30, 10, 20, 40. After two points the first is the better half; after four also the fourth.
        double[] scores = [30, 10, 20, 40];

        var jobs = Simulate(Plan(4), 1, j => new(scores[j.Point.Number - 1] + j.Rung));

        Assert.Equal([(1, 0), (2, 0), (1, 1), (3, 0), (4, 0), (4, 1), (4, 2)], jobs);
    }

    [Fact]
    public void A_point_that_failed_or_diverged_is_not_promoted()
    {
        var jobs = Simulate(
            Plan(6),
            1,
            j =>
                j.Point.Number switch
                {
                    1 => new(null),
                    2 => new(double.NaN),
                    var n => new(n),
                }
        );

        Assert.Equal(6, jobs.Count(j => j.Rung == 0));
        Assert.DoesNotContain(jobs, j => j.Point <= 2 && j.Rung > 0);
        Assert.Contains((6, 1), jobs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Which_points_go_on_does_not_depend_on_who_ends_first(int workers)
    {
        var plan = Plan(12);
        var expected = Simulate(plan, workers, j => new(Score(j.Point, j.Epochs))).Order().ToList();
        Assert.Contains(expected, j => j.Rung == 3);

        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var schedule = new HalvingSchedule(plan.Halving!, plan.Points, workers);
            var ended = new List<HalvingJob>();
            while (schedule.Advance(j => ended.Contains(j) ? new(Score(j.Point, j.Epochs)) : null) is { Count: > 0 } jobs)
            {
                ended.Add(jobs[random.Next(jobs.Count)]);
                if (random.Next(4) == 0)
                    schedule = new(plan.Halving!, plan.Points, workers); // killed: all is made anew from the results so far
            }
            Assert.Equal(expected, ended.Select(j => (j.Point.Number, j.Rung)).Order());
        }
    }

    /// <summary>A run directory as a trainer leaves it at a limit, an evaluation an epoch.</summary>
    static void Train(SweepPoint point, string directory, long? limit)
    {
        Directory.CreateDirectory(directory);
        var epochs = (int)((limit ?? 8 * StepsPerEpoch) / StepsPerEpoch);
        AtomicFile.WriteText(
            Path.Combine(directory, "config.yaml"),
            $"digest: {point.Digest.Run}\nrecipe: {point.Digest.Recipe}\n"
        );
        AtomicFile.WriteText(
            Path.Combine(directory, "metrics.csv"),
            "step,epoch,seconds,semseg/mean_iou\n"
                + string.Concat(
                    Enumerable
                        .Range(1, epochs)
                        .Select(e => FormattableString.Invariant($"{e * StepsPerEpoch},{e},{e},{Score(point, e)}\n"))
                )
        );
        new RunResult(
            epochs == 8 ? TrainingOutcome.Completed : TrainingOutcome.StepLimit,
            epochs * StepsPerEpoch,
            0,
            1,
            1,
            1,
            1,
            1,
            1,
            null
        ).Write(directory);
    }

    static string Table(SweepFolder sweep, SweepQueue queue) =>
        string.Join(
            '\n',
            sweep.Plan.Points.Select(p =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{p.Number} {queue.StatusOf(p).State} "
                        + $"{(queue.StatusOf(p).State == PointState.Failed ? double.NaN : sweep.Run(p.Digest.Run)?.Metrics["epoch"][^1])}"
                )
            )
        );

    [Fact]
    public async Task A_sweep_that_is_stopped_anywhere_and_started_again_has_the_table_of_an_undisturbed_one()
    {
        var plan = Plan(16);
        SweepFolder Folder(string name) => new(Path.Combine(folder.Path, name), plan);
        async Task<(string Table, int Jobs)> Run(string name, int stopAfter)
        {
            using var stop = new CancellationTokenSource();
            var begun = 0;
            var sweep = Folder(name);
            var queue = new SweepQueue(
                sweep,
                async (point, directory, limit, _) =>
                {
                    await Task.Yield();
                    if (Interlocked.Increment(ref begun) > stopAfter)
                    {
                        await stop.CancelAsync();
                        return new(75);
                    }
                    if (point.Number == 3)
                        return new(65, "error: always");
                    Train(point, directory, limit);
                    return new(0);
                }
            )
            {
                StepsPerEpoch = _ => StepsPerEpoch,
            };
            await queue.Run(2, stop.Token);
            return (Table(sweep, queue), begun);
        }

        var whole = await Run("whole", int.MaxValue);
        Assert.Contains("3 Failed", whole.Table, StringComparison.Ordinal);
        Assert.Contains("StoppedEarly 1", whole.Table, StringComparison.Ordinal);
        Assert.Contains("Finished 8", whole.Table, StringComparison.Ordinal);
        for (var after = 0; after < whole.Jobs; after++)
        {
            await Run($"after-{after}", after);
            Assert.Equal(whole.Table, (await Run($"after-{after}", int.MaxValue)).Table);
        }
    }

    [Fact]
    public async Task A_process_that_was_killed_behind_its_last_evaluation_is_brought_to_its_end()
    {
        var sweep = new SweepFolder(folder.Path, Plan(4));
        var point = sweep.Plan.Points[2]; // the worst
        Train(point, sweep.DirectoryOf(point), StepsPerEpoch);
        File.Delete(Path.Combine(sweep.DirectoryOf(point), RunResult.Name));
        var trained = new ConcurrentQueue<(int, long?)>();
        var queue = new SweepQueue(
            sweep,
            async (p, directory, limit, _) =>
            {
                await Task.Yield();
                trained.Enqueue((p.Number, limit));
                Train(p, directory, limit);
                return new(0);
            }
        )
        {
            StepsPerEpoch = _ => StepsPerEpoch,
        };

        await queue.Run(1, TestContext.Current.CancellationToken);

        Assert.All(
            sweep.Plan.Points,
            p => Assert.True(queue.StatusOf(p).State is PointState.StoppedEarly or PointState.Finished)
        );
        Assert.All(sweep.Plan.Points, p => Assert.NotNull(sweep.Run(p.Digest.Run)!.Result));
        Assert.Contains((3, StepsPerEpoch), trained);
        Assert.Equal(trained.Count, trained.Distinct().Count());
    }
}
