using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Reliability;

/// <summary>Runs that diverge, and stop at limits and during evaluations.</summary>
public sealed class LongRunTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-long-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    TrainOptions Options(string name, long? maxSteps = null, bool resume = false, CancellationToken stop = default) =>
        new(Path.Combine(root, name), "cpu", maxSteps, resume)
        {
            Data = new TinyRun.Blocks(),
            Stop = stop,
            Pictures = false,
        };

    string Rows(string name) =>
        string.Join(
            '\n',
            File.ReadLines(Path.Combine(root, name, "metrics.csv"))
                .Select(l => string.Join(',', l.Split(',').Where((_, i) => i != 2)))
        );

    [Fact]
    public void A_step_limit_and_a_stop_in_an_evaluation_leave_no_trace()
    {
        var program = TinyRun.Program(epochs: 3);
        Trainer.Run(program, Options("whole"));
        Trainer.Run(program, Options("parts", maxSteps: 3));
        Assert.Equal("3", Rows("parts").Split('\n')[1].Split(',')[0]);
        using var stop = new CancellationTokenSource();
        var stopped = Trainer.Run(
            program,
            Options("parts", resume: true, stop: stop.Token),
            new()
            {
                Evaluating = (_, _) => stop.Cancel(),
                Stepped = step =>
                {
                    if (step.Step == 8)
                        stop.Cancel();
                },
            }
        );
        // The epoch's step was the last before the evaluation that noticed: nothing of it is lost.
        Assert.Equal(TrainingOutcome.Stopped, stopped.Outcome);
        Trainer.Run(program, Options("parts", resume: true));
        Assert.Equal(Rows("whole"), Rows("parts"));
        var again = Trainer.Run(program, Options("parts", resume: true)); // complete already
        Assert.Equal(TrainingOutcome.Completed, again.Outcome);
        Assert.Equal(Rows("whole"), Rows("parts"));
    }

    [Fact]
    public void The_check_finds_equal_runs_equal_and_refuses_stops_behind_the_end()
    {
        var program = TinyRun.Program(epochs: 3);
        ResumeCheckOptions Check(params long[] stops) =>
            new(Path.Combine(root, "check"), 9, [.. stops], "cpu") { Data = new TinyRun.Blocks() };
        var stops = new List<long>();
        var comparisons = ResumeCheck.Run(program, Check(4, 7), stops.Add);
        Assert.Equal([4, 7], stops);
        Assert.Equal(["weights", "optimizer", "state", "steps.csv", "metrics.csv"], comparisons.Select(c => c.What));
        Assert.All(comparisons, c => Assert.Null(c.Difference));
        Assert.Throws<ArgumentException>(() => ResumeCheck.Run(program, Check(9)));
    }

    [Fact]
    public void Weights_that_overflowed_push_out_no_good_checkpoint()
    {
        // The first update makes every weight infinite or nearly so, without any gradient being so.
        var program = TinyRun.Program(optimizer: new SgdRecipe(1e3, 0), epochs: 20, checkpoint: new(Every: 1, Keep: 1));
        var result = Trainer.Run(program, Options("a") with { DivergenceBudget = 2 });
        Assert.Equal(TrainingOutcome.Diverged, result.Outcome);
        using var last = Mtlc.Runtime.Checkpoints.RunDirectory.Open(result.Directory).Checkpoints.Newest();
        Assert.All(last.Weights.Tensors, t => Assert.True(t.Value.isfinite().all().item<bool>(), t.Key));
    }
}
