using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Runtime.Training.Optimizers;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

/// <summary>Groups of parameters with rates and decays of their own, and frozen ones, in training.</summary>
public sealed class GroupTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-runs").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    const string Text = """
        component body(x) {
          let stem   = conv(x, 8, kernel: 3, stride: 2, bias: false) |> batch_norm |> relu
          let layer1 = stem |> for i in range(2): conv_bn_relu(8, kernel: 3)
          let layer2 = layer1 |> for i in range(2): conv_bn_relu(8, kernel: 3)
          return dropout(layer2, 0.1)
        }
        model small {
          task semseg: segmentation { classes: 19 }
          encoder trunk: body { frozen: until layer1[0], lr: 0.5x, lr_decay: 0.75 }
          decoder head: trunk -> semseg { convs: 1, width: 8, weight_decay: 0.02 }
          loss: cross_entropy(semseg)
        }
        train { optimizer: adamw { lr: 1e-2 }, decay: except norms and biases, batch: 4, epochs: 2, seed: 5 }
        data { source: synthetic { scenes: 16, size: 32x64, seed: 1 }, augment: { crop: 32 } }
        """;

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void Each_group_is_stepped_as_an_optimizer_of_its_own_would(string kind)
    {
        using var scope = NewDisposeScope();
        OptimizerRecipe recipe = kind == "sgd" ? new SgdRecipe(0.1, 0.9, 1e-2) : new AdamWRecipe(1e-2, 1e-1);
        TorchRuntime.Start();
        (string Name, Tensor Value)[] Weights() =>
            [
                .. Enumerable
                    .Range(0, 4)
                    .Select(i =>
                        ($"w{i}", (Tensor)new TorchSharp.Modules.Parameter(linspace(-2 + i, 2 - i / 2.0, 15).reshape(5, 3)))
                    ),
            ];
        var (ours, theirs) = (Weights(), Weights());
        Parameter Declared(int i) => new($"w{i}", new("", [5, 3], Initializer.Zeros));
        OptimizerGroup[] groups = [new(0.5, 0.3, [Declared(0), Declared(2)]), new(2, 0, [Declared(1), Declared(3)])];
        using var optimizer = new Optimizer(recipe, ours, groups);
        var apart = groups
            .Select(g =>
            {
                var own = theirs
                    .Where(w => g.Parameters.Any(p => p.Name == w.Name))
                    .Select(w => (TorchSharp.Modules.Parameter)w.Value);
                return kind == "sgd"
                    ? (optim.Optimizer)optim.SGD(own, 0.1 * g.Rate, 0.9, 0, g.WeightDecay)
                    : optim.AdamW(own, 1e-2 * g.Rate, 0.9, 0.999, 1e-8, g.WeightDecay);
            })
            .ToList();
        for (var step = 0; step < 5; step++)
        {
            foreach (var weights in new[] { ours, theirs })
            {
                var total = zeros(1);
                foreach (var (_, value) in step == 2 ? weights[..3] : weights) // the last without a gradient once
                    total = total.Plus(value.sin().sum());
                total.backward();
            }
            using (var gradients = StepGradients.Of(optimizer.Parameters))
                optimizer.Step(gradients, recipe.Lr);
            apart.ForEach(a => a.step());
            foreach (var (_, value) in ours.Concat(theirs))
                value.grad = null;
        }
        foreach (var ((_, a), (_, b)) in ours.Zip(theirs))
            Assert.True((a - b).abs().max().item<float>() < 2e-6, $"{(a - b).abs().max().item<float>()}");
        apart.ForEach(a => a.Dispose());
    }

    [Fact]
    public void A_resumed_run_has_the_same_groups_and_what_is_frozen_stays()
    {
        var program = Compilation.Compile(new("small.mtl", Text)).Program!;
        TrainOptions Options(string name, long? steps = null, bool resume = false) =>
            new(Path.Combine(root, name), TestDevice.Name, steps, resume);
        Trainer.Run(program, Options("whole"));
        Trainer.Run(program, Options("parts", steps: 3));
        Trainer.Run(program, Options("parts", resume: true));
        var (whole, parts) = (Last("whole"), Last("parts"));
        Assert.Equal(8, whole.Run.Step);
        foreach (var (a, b) in new[] { (whole.Weights, parts.Weights), (whole.OptimizerState, parts.OptimizerState) })
        {
            Assert.Equal(a.Tensors.Keys, b.Tensors.Keys);
            Assert.All(a.Tensors, t => Assert.True(t.Value.equal(b.Tensors[t.Key]).all().item<bool>(), t.Key));
        }
        using var start = new ParameterStore(program.Model.Training.Parameters, program.Train.Seed);
        foreach (var parameter in program.Model.Training.Parameters.Where(p => p.Dimensions.Length > 0))
        {
            var same = start[parameter.Name].equal(whole.Weights.Tensors[parameter.Name]).all().item<bool>();
            Assert.True(parameter.IsFrozen == same, parameter.Name);
            Assert.Equal(parameter.IsTrainable, whole.OptimizerState.Tensors.ContainsKey($"{parameter.Name}/exp_avg"));
        }
        whole.Dispose();
        parts.Dispose();

        Checkpoint Last(string name) => new CheckpointFolder(Path.Combine(root, name, "checkpoints")).Newest();
    }
}
