using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Runtime.Training.Optimizers;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

public sealed class MemoryFormatTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-runs").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    static CompiledProgram Program(MemoryFormat format, OptimizerRecipe optimizer, string? scheme)
    {
        ImmutableArray<Objective> parts =
        [
            new Objective.Term(Loss.Of("cross_entropy"), "semseg", ["early", "semseg"]),
            new Objective.Term(Loss.Of("l2"), "depth", ["depth"]),
        ];
        var program = TinyRun.Program(
            optimizer: optimizer,
            objective: scheme is null ? null : new Objective.Balanced(BalancingScheme.Of(scheme), parts)
        );
        return program with { Train = program.Train with { MemoryFormat = format } };
    }

    (List<double> Losses, Checkpoint Last) Run(string name, CompiledProgram program)
    {
        var losses = new List<double>();
        Trainer.Run(
            program,
            new(Path.Combine(root, name), TestDevice.Name) { Data = new TinyRun.Blocks(), Pictures = false },
            new() { Stepped = s => losses.Add(s.Loss) }
        );
        return (losses, new CheckpointFolder(Path.Combine(root, name, "checkpoints")).Newest());
    }

    // The numbers are the same ones in another order; sums are made in another order, too.
    [Theory]
    [InlineData("sgd", null)]
    [InlineData("momentum", "pcgrad")]
    [InlineData("momentum", "gradnorm")]
    [Trait("device", "any")]
    public void Trains_to_the_same_weights_and_stores_them_the_same_way(string optimizer, string? scheme)
    {
        OptimizerRecipe recipe = new SgdRecipe(0.02, optimizer == "sgd" ? 0 : 0.9);
        var (first, a) = Run("first", Program(MemoryFormat.ChannelsFirst, recipe, scheme));
        var (last, b) = Run("last", Program(MemoryFormat.ChannelsLast, recipe, scheme));
        using (a)
        using (b)
        {
            Assert.Equal(8, first.Count);
            Assert.All(first.Zip(last), l => Assert.Equal(l.First, l.Second, 1e-4));
            foreach (var (name, value) in a.Weights.Tensors)
                TensorAssert.Close(value, b.Weights.Tensors[name], 1e-4);
            foreach (var (name, value) in a.OptimizerState.Tensors)
                TensorAssert.Close(value, b.OptimizerState.Tensors[name], 1e-3);
        }
    }

    // A balancing scheme may put gradients together in another order than their parameter's.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gradient_that_lies_otherwise_than_its_parameter_updates_the_right_numbers(bool isChannelsLast)
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (start, gradient) = (randn(4, 6, 3, 3), randn(4, 6, 3, 3));
        var laid = isChannelsLast ? start.clone() : ChannelsLast.Of(start);
        var parameter = new TorchSharp.Modules.Parameter(laid) { grad = isChannelsLast ? ChannelsLast.Of(gradient) : gradient };
        using var optimizer = new Optimizer(new AdamRecipe(0.1, WeightDecay: 0), [("w", parameter)]);
        using (var gradients = StepGradients.Of([parameter]))
            optimizer.Step(gradients, 0.1);

        // Adam's first step is the learning rate, against the gradient's sign.
        TensorAssert.Close(start - gradient.sign() * Held(0.1), parameter.detach(), 1e-5);
    }
}
