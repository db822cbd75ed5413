using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Reports;
using TorchSharp;

namespace Mtlc.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-runs").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    TrainOptions Options(string name, long? maxSteps = null, bool resume = false, CancellationToken stop = default) =>
        new(Path.Combine(root, name), TestDevice.Name, maxSteps, resume) { Data = new TinyRun.Blocks(), Stop = stop };

    [Fact]
    [Trait("device", "any")]
    public void Learns_what_the_pictures_show_and_says_so()
    {
        var reports = new List<EvaluationReport>();
        var steps = new List<StepReport>();
        var result = Trainer.Run(
            TinyRun.Program(epochs: 12),
            Options("a"),
            new() { Evaluated = reports.Add, Stepped = steps.Add }
        );

        Assert.Equal((TrainingOutcome.Completed, 48L, 0L), (result.Outcome, result.Steps, result.Skipped));
        Assert.Equal(48, steps.Count);
        Assert.Equal(12, reports.Count);
        Assert.Equal("multitask", result.Last!.Score.Key);
        var rows = result.Last.Rows.ToDictionary(r => r.Metric.Key);
        Assert.True(rows["semseg/mean_iou"].Metric.Value > 80, $"{rows["semseg/mean_iou"]}");
        Assert.InRange(rows["semseg/mean_iou"].Trivial, 5, 34);
        Assert.True(rows["depth/rmse"].Metric.Value < 0.7 * rows["depth/rmse"].Trivial, $"{rows["depth/rmse"]}");
        Assert.True(steps[^1].Losses[0] < 0.5 * steps[0].Losses[0]);
        Assert.Equal(result.Best!.Score.Value, reports.Max(r => r.Score.Value));
    }

    [Fact]
    public void The_directory_holds_what_a_reader_needs()
    {
        var result = Trainer.Run(
            TinyRun.Program(),
            Options("a") with
            {
                Overrides = ["train.batch=4"],
                CommandLine = ["run", "tiny.mtl"],
            }
        );

        var run = RunDirectory.Open(result.Directory);
        Assert.Equal("# built by hand\n", File.ReadAllText(run.Program));
        Assert.Equal("# beside it\n", File.ReadAllText(Path.Combine(Path.GetDirectoryName(run.Program)!, "lib", "recipe.mtl")));
        Assert.Equal(["train.batch=4"], run.Overrides);
        var config = File.ReadAllText(run.File("config.yaml"));
        Assert.Contains("kind: adam", config);
        Assert.Contains("weight_decay: 0.0001", config);
        Assert.Contains("crop: 32x32", config);
        Assert.Contains("device: cpu", config);
        var metrics = File.ReadAllLines(run.File("metrics.csv"));
        Assert.StartsWith("step,epoch,seconds,multitask,semseg/mean_iou,", metrics[0], StringComparison.Ordinal);
        Assert.Equal(["4", "8"], metrics.Skip(1).Select(l => l.Split(',')[0]));
        var steps = File.ReadAllLines(run.File("steps.csv"));
        Assert.Equal(
            "step,epoch,learning_rate,loss,loss/semseg,loss/depth,loss/contour,loss/normals,gradient_norm,skipped",
            steps[0]
        );
        Assert.Equal(9, steps.Length);
        Assert.Equal(
            ["epoch-001.png", "epoch-002.png"],
            Directory.GetFiles(run.File("samples")).Select(Path.GetFileName).Order()
        );
        Assert.Single(Directory.GetFiles(run.File("tensorboard")));
        Assert.Equal(["step-00000004", "step-00000008"], run.Checkpoints.All.Select(Path.GetFileName));
        Assert.Empty(Directory.GetFiles(run.Root, "run.lock.owner"));
        Assert.Contains(
            "holds a run already",
            Assert.Throws<RunException>(() => Trainer.Run(TinyRun.Program(), Options("a"))).Message
        );
    }

    [Theory]
    [InlineData("sum", 5)]
    [InlineData("uncertainty", 3)]
    [InlineData("dwa", 10)]
    [InlineData("sum", 5, 4)]
    [InlineData("pcgrad", 6, 2)]
    [InlineData("gradnorm", 3, 2)]
    [InlineData("sum", 5, 1, MemoryFormat.ChannelsLast)]
    public void A_resumed_run_equals_one_that_never_stopped(
        string scheme,
        int stopAfter,
        int accumulate = 1,
        MemoryFormat format = MemoryFormat.ChannelsFirst
    )
    {
        Objective[] parts =
        [
            new Objective.Term(Loss.Of("cross_entropy"), "semseg", ["early", "semseg"]),
            new Objective.Term(Loss.Of("l2"), "depth", ["depth"]),
        ];
        Objective? objective = scheme == "sum" ? null : new Objective.Balanced(BalancingScheme.Of(scheme), [.. parts]);
        var data = new DataRecipe(Augment: new AugmentRecipe(new ImageSize(32, 32), Scale: new(0.8, 1.3), Jitter: 0.2));
        CompiledProgram Program(int workers)
        {
            var program = TinyRun.Program(
                epochs: 4,
                batch: 4 / accumulate,
                objective: objective,
                data: data with
                {
                    Workers = workers,
                },
                accumulate: accumulate
            );
            return program with { Train = program.Train with { MemoryFormat = format } };
        }
        Trainer.Run(Program(2), Options("whole"));

        using var stop = new CancellationTokenSource();
        var first = Trainer.Run(
            Program(1),
            Options("parts", stop: stop.Token),
            new()
            {
                Stepped = s =>
                {
                    if (s.Step == stopAfter)
                        stop.Cancel();
                },
            }
        );
        Assert.Equal((TrainingOutcome.Stopped, (long)stopAfter), (first.Outcome, first.Steps));
        var second = Trainer.Run(Program(3), Options("parts", resume: true));
        Assert.Equal((TrainingOutcome.Completed, 16L), (second.Outcome, second.Steps));

        Assert.Equal(Digests("whole"), Digests("parts"));
        Assert.Equal(Log("whole", "steps.csv"), Log("parts", "steps.csv"));
        Assert.Equal(Log("whole", "metrics.csv", column: 2), Log("parts", "metrics.csv", column: 2));
        Assert.Equal(Events("whole"), Events("parts"));
    }

    [Fact]
    public void A_killed_run_goes_on_from_its_last_checkpoint_and_forgets_the_log_behind_it()
    {
        var program = TinyRun.Program(epochs: 3, checkpoint: new(Every: 3, Keep: 2));
        Trainer.Run(program, Options("whole"));
        Assert.Throws<InvalidOperationException>(() =>
            Trainer.Run(
                program,
                Options("killed"),
                new()
                {
                    Stepped = s =>
                    {
                        if (s.Step == 8)
                            throw new InvalidOperationException("killed");
                    },
                }
            )
        );
        // The newest checkpoint, of step 6, is damaged too: step 4 is taken.
        var newest = new CheckpointFolder(Path.Combine(root, "killed", "checkpoints")).All[^1];
        Assert.EndsWith("step-00000006", newest);
        var file = Path.Combine(newest, Checkpoint.Model);
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        var warnings = new List<string>();
        RunPlan? plan = null;
        Trainer.Run(program, Options("killed", resume: true), new() { Warned = warnings.Add, Started = p => plan = p });
        Assert.Contains("damaged", Assert.Single(warnings));
        Assert.Equal(4, plan!.FirstStep);
        Assert.Equal(Digests("whole"), Digests("killed"));
        Assert.Equal(Log("whole", "steps.csv"), Log("killed", "steps.csv"));
        Assert.Equal(Events("whole"), Events("killed"));
    }

    [Fact]
    public void Events_tell_of_steps_evaluations_pictures_weights_and_gradients()
    {
        Trainer.Run(TinyRun.Program(), Options("whole"));
        Trainer.Run(TinyRun.Program(), Options("limited", maxSteps: 6));
        Assert.Contains((6L, "validation/multitask"), Events("limited").Select(e => (e.Step, e.Tag)));
        Trainer.Run(TinyRun.Program(), Options("limited", resume: true));

        var events = Events("whole");
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), events.Where(e => e.Tag == "train/loss").Select(e => e.Step));
        foreach (
            var tag in new[]
            {
                "validation/multitask",
                "validation/samples",
                "weights/trunk.conv.weight",
                "gradients/trunk.conv.weight",
            }
        )
            Assert.Equal([4L, 8], events.Where(e => e.Tag == tag).Select(e => e.Step));
        Assert.Equal(
            ["_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"],
            EventReader.Values(Path.Combine(root, "whole", "tensorboard")).Select(e => e.Tag).Where(t => t.StartsWith('_'))
        );
        Assert.Equal(events, Events("limited"));
    }

    [Fact]
    [Trait("device", "any")]
    public void A_step_limit_ends_early_and_still_evaluates()
    {
        var result = Trainer.Run(TinyRun.Program(), Options("a", maxSteps: 3));
        Assert.Equal((TrainingOutcome.StepLimit, 3L), (result.Outcome, result.Steps));
        Assert.Equal(3, result.Last!.Step);
        Assert.Equal(4, result.Last.Images);
    }

    [Fact]
    public void A_loss_that_is_not_finite_touches_nothing_and_ends_the_run_after_the_budget()
    {
        var program = TinyRun.Program(optimizer: new SgdRecipe(1e30, 0.9), epochs: 8);
        var warnings = new List<string>();
        var result = Trainer.Run(program, Options("a") with { DivergenceBudget = 2 }, new() { Warned = warnings.Add });
        Assert.Equal(TrainingOutcome.Diverged, result.Outcome);
        Assert.Equal(3, result.Skipped);
        Assert.Equal(3, warnings.Count);
        Assert.Contains("Train/", warnings[0]);
        Assert.Contains("learning rate", result.Message);
        Assert.Equal(4, File.ReadAllLines(Path.Combine(result.Directory, "skipped.csv")).Length);
        using var last = new CheckpointFolder(Path.Combine(result.Directory, "checkpoints")).Newest();
        Assert.All(last.Weights.Tensors, t => Assert.True(t.Value.isfinite().all().item<bool>(), t.Key));
    }

    [Fact]
    public void A_corrupt_sample_ends_the_run_or_is_replaced()
    {
        var options = Options("a") with { Data = new TinyRun.Blocks(corrupt: 5) };
        Assert.Contains(
            "Train/5: truncated",
            Assert.Throws<DataException>(() => Trainer.Run(TinyRun.Program(), options)).Message
        );
        var skipping = TinyRun.Program(
            data: new DataRecipe(Augment: new AugmentRecipe(new ImageSize(32, 32)), Corrupt: CorruptPolicy.Skip)
        );
        var result = Trainer.Run(skipping, options with { Directory = Path.Combine(root, "b") });
        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        Assert.Equal(["Train/5: truncated"], result.CorruptSamples);
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused_with_the_differences()
    {
        Trainer.Run(TinyRun.Program(), Options("a", maxSteps: 2));
        var other = TinyRun.Program(optimizer: new SgdRecipe());
        var error = Assert.Throws<RunException>(() => Trainer.Run(other, Options("a", resume: true)));
        Assert.Contains("trunk.conv.weight/momentum_buffer: missing", error.Message);
        Assert.Contains("trunk.conv.weight/exp_avg: not wanted", error.Message);
    }

    [Fact]
    public void Two_runs_do_not_share_a_directory()
    {
        RunException? refused = null;
        Trainer.Run(
            TinyRun.Program(),
            Options("a", maxSteps: 1),
            new()
            {
                Stepped = _ =>
                    refused = Assert.Throws<RunException>(() => Trainer.Run(TinyRun.Program(), Options("a", resume: true))),
            }
        );
        Assert.Contains("another process is training", refused!.Message);
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var live = new List<long>();
        Trainer.Run(
            TinyRun.Program(epochs: 3),
            Options("a"),
            new() { Stepped = _ => live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount) }
        );
        Assert.Equal(live[1], live[^1]);
    }

    string[] Digests(string run)
    {
        var folder = new CheckpointFolder(Path.Combine(root, run, "checkpoints"));
        using var checkpoint = folder.Newest();
        return
        [
            checkpoint.Weights.Sha256,
            checkpoint.OptimizerState.Sha256,
            System.Text.Encoding.UTF8.GetString(checkpoint.Run.ToJson()),
        ];
    }

    [Theory]
    [InlineData(null, 4)]
    [InlineData(2L, 2)]
    public void A_run_that_trained_nothing_does_not_end_well(long? limit, long steps)
    {
        // Gradients beyond float32 from the first step on, fewer than the budget.
        var objective = new Objective.Scaled(1e38, new Objective.Term(Loss.Of("l2"), "depth", ["depth"]));
        var result = Trainer.Run(TinyRun.Program(objective: objective), Options("a", limit));

        Assert.Equal((TrainingOutcome.Diverged, steps, steps), (result.Outcome, result.Steps, result.Skipped));
        Assert.Contains("not finite", result.Message, StringComparison.Ordinal);
    }

    // Settings and times apart: those may differ.
    List<(long Step, string Tag, string Content)> Events(string run) =>
        [
            .. EventReader
                .Values(Path.Combine(root, run, "tensorboard"))
                .Where(e => !e.Tag.StartsWith("_hparams_/", StringComparison.Ordinal)),
        ];

    string[] Log(string run, string file, int column = -1) =>
        [
            .. File.ReadAllLines(Path.Combine(root, run, file))
                .Select(l => string.Join(',', l.Split(',').Where((_, i) => i != column))),
        ];
}
