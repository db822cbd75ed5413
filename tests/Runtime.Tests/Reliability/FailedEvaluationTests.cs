using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Evaluation;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Reliability;

/// <summary>An evaluation that dies costs the evaluation, and not the epoch before it.</summary>
public sealed class FailedEvaluationTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-died").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    TrainOptions Options(string name, bool resume = false, bool isBroken = false) =>
        new(Path.Combine(root, name), "cpu", Resume: resume)
        {
            Data = new SizedSource((40, 64), (33, 41))
            {
                Change = s => isBroken && s.Height == 33 ? throw new DataException("val/1.png: truncated") : s,
            },
        };

    [Fact]
    public void A_sample_that_cannot_be_read_costs_no_epoch()
    {
        Trainer.Run(TinyRun.Program(epochs: 3), Options("whole"));

        var error = Assert.Throws<DataException>(() => Trainer.Run(TinyRun.Program(epochs: 3), Options("parts", isBroken: true)));
        Assert.StartsWith(
            "val/1.png: truncated; training is saved up to step 4: 'mtlc resume ",
            error.Message,
            StringComparison.Ordinal
        );
        var checkpoints = new CheckpointFolder(Path.Combine(root, "parts", "checkpoints"));
        using (var saved = checkpoints.Newest())
            Assert.Equal((4, true, (BestEvaluation?)null), (saved.Run.Step, saved.Run.EvaluationDue, saved.Run.Best));
        // Still broken: it dies of the same, without training a step.
        var steps = 0;
        Assert.Throws<DataException>(() =>
            Trainer.Run(
                TinyRun.Program(epochs: 3),
                Options("parts", resume: true, isBroken: true),
                new() { Stepped = _ => steps++ }
            )
        );
        Assert.Equal(0, steps);

        Trainer.Run(TinyRun.Program(epochs: 3), Options("parts", resume: true), new() { Stepped = _ => steps++ });
        Assert.Equal(8, steps);
        Same("whole", "parts");
    }

    /// <summary>What takes the process away in the middle of an evaluation, such as the end of memory, leaves the epoch and goes
    /// on exactly.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void A_run_killed_in_an_evaluation_goes_on_with_it(int evaluation)
    {
        Trainer.Run(TinyRun.Program(epochs: 3), Options("whole"));
        var begun = 0;
        Assert.Throws<InvalidOperationException>(() =>
            Trainer.Run(
                TinyRun.Program(epochs: 3),
                Options("parts"),
                new()
                {
                    Evaluating = (done, _) =>
                    {
                        if (done == 1 && ++begun == evaluation)
                            throw new InvalidOperationException("killed");
                    },
                }
            )
        );
        RunPlan? plan = null;
        Trainer.Run(TinyRun.Program(epochs: 3), Options("parts", resume: true), new() { Started = p => plan = p });
        Assert.Equal(4 * evaluation, plan!.FirstStep);
        Same("whole", "parts");
    }

    void Same(string whole, string parts)
    {
        string[] Of(string run)
        {
            using var checkpoint = new CheckpointFolder(Path.Combine(root, run, "checkpoints")).Newest();
            var metrics = File.ReadAllLines(Path.Combine(root, run, "metrics.csv"))
                .Select(l => string.Join(',', l.Split(',').Where((_, i) => i != 2)));
            return
            [
                checkpoint.Weights.Sha256,
                checkpoint.OptimizerState.Sha256,
                System.Text.Encoding.UTF8.GetString(checkpoint.Run.ToJson()),
                File.ReadAllText(Path.Combine(root, run, "steps.csv")),
                .. metrics,
            ];
        }
        Assert.Equal(Of(whole), Of(parts));
    }
}
