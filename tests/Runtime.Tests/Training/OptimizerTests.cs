using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

/// <summary>The fused optimizers against TorchSharp's plain ones.</summary>
public class OptimizerTests
{
    static readonly Dictionary<string, OptimizerRecipe> Recipes = new()
    {
        ["adam"] = new AdamRecipe(1e-2, 1e-2, 0.8, 0.95),
        ["adamw"] = new AdamWRecipe(1e-2, 1e-1),
        ["sgd"] = new SgdRecipe(1e-1, 0, 1e-2),
        ["momentum"] = new SgdRecipe(1e-1, 0.9, 1e-2),
        ["nesterov"] = new SgdRecipe(1e-1, 0.9, 1e-2, Nesterov: true),
    };

    public static TheoryData<string> Names => [.. Recipes.Keys];

    static torch.optim.Optimizer Plain(OptimizerRecipe recipe, IEnumerable<TorchSharp.Modules.Parameter> parameters) =>
        recipe switch
        {
            AdamRecipe a => optim.Adam(parameters, a.Lr, a.Beta1, a.Beta2, a.Eps, a.WeightDecay),
            AdamWRecipe a => optim.AdamW(parameters, a.Lr, a.Beta1, a.Beta2, a.Eps, a.WeightDecay),
            SgdRecipe s => optim.SGD(parameters, s.Lr, s.Momentum, 0, s.WeightDecay, s.Nesterov),
            _ => throw new NotSupportedException(),
        };

    static (string, Tensor)[] Weights()
    {
        TorchRuntime.Start();
        using var generator = new Generator(1); // its own: other tests draw from the process's meanwhile
        long[][] shapes =
        [
            [5, 3, 3, 3],
            [7],
            [2, 4],
        ];
        return
        [
            .. shapes.Select(
                (shape, i) =>
                    ($"w{i}", (Tensor)new TorchSharp.Modules.Parameter(randn(shape, generator: generator).to(TestDevice.Current)))
            ),
        ];
    }

    // Three parameters, of which the last has a gradient in every second step only.
    static void Backward((string, Tensor Value)[] weights, int step)
    {
        var total = zeros(1, device: TestDevice.Current);
        for (var i = 0; i < 3; i++)
        {
            if (i < 2 || step % 2 == 0)
                total = total.Plus(
                    (weights[i].Value * Held(i + 1)).sin().Plus(weights[i].Value.pow(Held(2)) * Held(0.1) * Held(step)).sum()
                );
        }
        total.backward();
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("device", "any")]
    public void Equals_the_plain_optimizer(string name)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Weights(), Weights());
        using var optimizer = new Optimizer(Recipes[name], ours);
        using var plain = Plain(Recipes[name], theirs.Select(w => (TorchSharp.Modules.Parameter)w.Item2));
        for (var step = 0; step < 8; step++)
        {
            Backward(ours, step);
            Backward(theirs, step);
            using (var gradients = StepGradients.Of(optimizer.Parameters))
                optimizer.Step(gradients, Recipes[name].Lr);
            StepGradients.Clear(optimizer.Parameters);
            plain.step();
            foreach (var (_, value) in theirs)
                value.grad = null;
        }
        foreach (var ((_, a), (_, b)) in ours.Zip(theirs))
            Assert.True((a - b).abs().max().item<float>() < 2e-6, $"{(a - b).abs().max().item<float>()}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("device", "any")]
    public void Resumed_state_goes_on_bit_for_bit(string name)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Weights(), Weights());
        void Steps((string, Tensor)[] weights, Optimizer optimizer, int from, int to)
        {
            for (var step = from; step < to; step++)
            {
                Backward(weights, step);
                using var gradients = StepGradients.Of(optimizer.Parameters);
                optimizer.Step(gradients, 1e-2);
                StepGradients.Clear(optimizer.Parameters);
            }
        }
        using var undisturbed = new Optimizer(Recipes[name], first);
        Steps(first, undisturbed, 0, 7);
        using var before = new Optimizer(Recipes[name], second);
        Steps(second, before, 0, 3);
        using var after = new Optimizer(Recipes[name], second);
        after.Restore(before.State.ToDictionary(s => s.Name, s => s.Value.clone()));
        Steps(second, after, 3, 7);
        foreach (var ((_, a), (_, b)) in first.Zip(second))
            Assert.True(a.eq(b).all().item<bool>());
    }

    [Fact]
    public void State_is_named_by_parameter_and_a_stranger_is_refused()
    {
        using var optimizer = new Optimizer(new AdamRecipe(), Weights()[..1]);
        Assert.Equal(["w0/exp_avg", "w0/exp_avg_sq", "w0/step"], optimizer.State.Select(s => s.Name));
        var error = Assert.Throws<RunException>(() =>
            optimizer.Restore(
                new Dictionary<string, Tensor>
                {
                    ["w0/exp_avg"] = zeros(5, 3, 3, 3),
                    ["w0/step"] = zeros(2),
                    ["w9/step"] = zeros(1),
                }
            )
        );
        Assert.Contains("w0/exp_avg_sq: missing", error.Message);
        Assert.Contains("w0/step: [2], wanted []", error.Message);
        Assert.Contains("w9/step: not wanted", error.Message);
    }

    [Fact]
    public void Norm_and_clipping_are_those_of_the_whole_gradient()
    {
        using var scope = NewDisposeScope();
        var weights = Weights().Select(w => w.Item2).ToArray();
        (weights[0].sum() * Held(3)).Plus(weights[1].sum() * Held(4)).backward();
        using var gradients = StepGradients.Of(weights);
        Assert.Equal([0, 1], gradients.Indices);
        var norm = gradients.Norm();
        Assert.Equal(Math.Sqrt(135 * 9 + 7 * 16), norm, 4);
        gradients.Clip(norm * 2, norm);
        Assert.Equal(3, weights[0].grad!.max().item<float>());
        gradients.Clip(1, norm);
        Assert.Equal(1, gradients.Norm(), 4);
        Assert.Equal(3 / norm, weights[0].grad!.min().item<float>(), 5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void One_bad_element_makes_the_norm_not_finite(float bad)
    {
        using var scope = NewDisposeScope();
        var weights = Weights().Select(w => w.Item2).ToArray();
        weights[0].sum().Plus(weights[1].sum()).backward();
        weights[1].grad!.narrow(0, 3, 1).fill_(Held(bad));
        using var gradients = StepGradients.Of(weights);
        Assert.False(double.IsFinite(gradients.Norm()));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var weights = Weights();
        using var optimizer = new Optimizer(new AdamRecipe(), weights);
        long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long? before = null;
        for (var step = 0; step < 4; step++)
        {
            using (var scope = NewDisposeScope())
                Backward(weights, 2);
            using (var gradients = StepGradients.Of(optimizer.Parameters))
            {
                gradients.Clip(1e-3, gradients.Norm());
                optimizer.Step(gradients, 1e-3);
            }
            StepGradients.Clear(optimizer.Parameters);
            before ??= Live();
            Assert.Equal(before, Live());
        }
    }
}
