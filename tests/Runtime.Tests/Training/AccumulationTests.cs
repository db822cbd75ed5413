using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

public sealed class AccumulationTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-runs").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    // Whole pictures, each with as many labels: the mean over batches is the mean over all.
    static CompiledProgram Program(int batch, int accumulate) =>
        TinyRun.Program(
            batch: batch,
            accumulate: accumulate,
            isPlain: true,
            optimizer: new SgdRecipe(0.05),
            objective: new Objective.Sum([
                new Objective.Term(Loss.Of("cross_entropy"), "semseg", ["early", "semseg"]),
                new Objective.Term(Loss.Of("l2"), "depth", ["depth"]),
            ]),
            data: new DataRecipe(Augment: new AugmentRecipe(new ImageSize(40, 64)))
        );

    TrainingResult Run(string name, CompiledProgram program, List<StepReport> steps) =>
        Trainer.Run(
            program,
            new(Path.Combine(root, name), "cpu") { Data = new TinyRun.Blocks(), Pictures = false },
            new() { Stepped = steps.Add }
        );

    Checkpoint Last(string name) => new CheckpointFolder(Path.Combine(root, name, "checkpoints")).Newest();

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    public void Small_batches_add_up_to_a_large_one(int batch, int accumulate)
    {
        var (large, small) = (new List<StepReport>(), new List<StepReport>());
        Run("large", Program(4, 1), large);
        var result = Run("small", Program(batch, accumulate), small);

        Assert.Equal((8L, 8), (result.Steps, small.Count));
        foreach (var (expected, step) in large.Zip(small))
        {
            Assert.Equal(
                (expected.Step, expected.Epoch, expected.LearningRate, expected.Images),
                (step.Step, step.Epoch, step.LearningRate, step.Images)
            );
            Assert.Equal(expected.Loss, step.Loss, 1e-5);
            Assert.Equal(expected.GradientNorm, step.GradientNorm, 1e-4 * expected.GradientNorm);
            Assert.All(expected.Losses.Zip(step.Losses), l => Assert.Equal(l.First, l.Second, 1e-5));
        }
        using var a = Last("large");
        using var b = Last("small");
        foreach (var (name, value) in a.Weights.Tensors)
            TensorAssert.Close(value, b.Weights.Tensors[name], 2e-5);
        foreach (var (name, value) in a.OptimizerState.Tensors)
            TensorAssert.Close(value, b.OptimizerState.Tensors[name], 1e-4);
    }

    [Fact]
    public void Batch_norm_counts_each_batch_and_one_bad_batch_undoes_the_whole_step()
    {
        var program = TinyRun.Program(epochs: 1, batch: 2, accumulate: 2, checkpoint: new(Every: 1, Keep: 9));
        var steps = new List<StepReport>();
        Trainer.Run(
            program,
            new(Path.Combine(root, "a"), "cpu") { Data = new OneBad(), Pictures = false },
            new() { Stepped = steps.Add }
        );

        var bad = Assert.Single(steps, s => s.Skipped);
        Assert.InRange(bad.Step, 2, 4);
        Checkpoint At(long step) => Checkpoint.Load(Path.Combine(root, "a", "checkpoints", CheckpointFolder.NameOf(step)));
        using var before = At(bad.Step - 1);
        using var after = At(steps[^1].Step == bad.Step ? bad.Step - 1 : bad.Step + 1);
        Assert.Equal(2 * (bad.Step - 1), before.Weights.Tensors["trunk.bn.num_batches_tracked"].item<long>());
        if (after.Run.Step > bad.Step)
        {
            Assert.Equal(2 * bad.Step, after.Weights.Tensors["trunk.bn.num_batches_tracked"].item<long>());
            Assert.Equal(1, after.Run.Skipped);
        }
        Assert.All(after.Weights.Tensors, t => Assert.True(t.Value.isfinite().all().item<bool>(), t.Key));
    }

    // The depth of one picture, in the second half of a step, is infinite.
    sealed class OneBad : IDataSource
    {
        readonly TinyRun.Blocks blocks = new();

        public DataContract Contract => blocks.Contract with { Depth = new(10, 5, 1, 50) };

        public int Count(Split split) => blocks.Count(split);

        public string Name(Split split, int index) => blocks.Name(split, index);

        public Sample Read(Split split, int index)
        {
            var sample = blocks.Read(split, index);
            if (split == Split.Train && index == 3)
                Array.Fill(sample.Depth!, float.PositiveInfinity);
            return sample;
        }
    }

    [Fact]
    public void Each_batch_of_a_step_draws_its_own_dropout()
    {
        using var scope = NewDisposeScope();
        Tensor Draw(RandomStream stream) => zeros(64).bernoulli_(0.5, stream.For("drop", CPU));
        Assert.True(Draw(new(3, 7)).equal(Draw(new(3, 7, 0))).all().item<bool>());
        Assert.False(Draw(new(3, 7)).equal(Draw(new(3, 7, 1))).all().item<bool>());
        Assert.False(Draw(new(3, 7, 1)).equal(Draw(new(3, 7, 2))).all().item<bool>());
    }

    [Fact]
    public void Data_that_do_not_fill_a_step_are_refused()
    {
        var error = Assert.Throws<DataException>(() => Run("a", Program(4, 5), []));
        Assert.Contains("20 samples (5 batches of 4)", error.Message, StringComparison.Ordinal);
        Assert.Contains("16", error.Message, StringComparison.Ordinal);
        Assert.Contains("train.accumulate", error.Message, StringComparison.Ordinal);
    }
}
