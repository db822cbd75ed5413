using Mtlc.Runtime.Training.Balancing;
using static Mtlc.Tests.Training.Balancing.Balancers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Tests.Training.Balancing;

/// <summary>Each scheme against the formulas of its paper.</summary>
public sealed class BalancingTests
{
    [Fact]
    public void Fixed_weights_add_the_losses_up()
    {
        var x = Vector(2, 5);
        var step = new FixedWeights().Backward([x[0] * Held(3), x[1] * x[1]], At(0, x));
        Assert.Equal(31, step.Total);
        Assert.Equal([6, 25], step.Losses);
        Assert.Equal([1, 1], step.Weights);
        Assert.Equal([3, 10], Gradient(x));
    }

    [Fact]
    public void Uncertainty_is_Kendalls_objective_and_its_gradients()
    {
        var balancer = new UncertaintyWeighting([UncertaintyKind.Classification, UncertaintyKind.Regression]);
        balancer.Load(new Dictionary<string, double[]> { ["uncertainty.log_variance"] = [Math.Log(4), Math.Log(0.25)] });
        var x = Vector(2, 3);
        var step = balancer.Backward([x[0] * Held(1), x[1] * Held(1)], At(0, x));
        // classification: sigma^2 = 4: 2/4 + log 2; regression: sigma^2 = 1/4: 3 / (2/4) + log 1/2
        Assert.Equal(0.5 + Math.Log(2) + 6 + Math.Log(0.5), step.Total, 1e-5);
        Assert.Equal(0.25, step.Weights[0], 1e-6);
        Assert.Equal(2, step.Weights[1], 1e-6);
        Assert.Equal(0.25, Gradient(x)[0], 1e-6);
        Assert.Equal(2, Gradient(x)[1], 1e-6);
        // d/ds: -exp(-s) L + 1/2
        Assert.Equal(-0.5 + 0.5, Gradient(balancer.Parameters[0])[0], 1e-6);
        Assert.Equal(-6 + 0.5, Gradient(balancer.Parameters[1])[0], 1e-5);
    }

    [Fact]
    public void Uncertainty_learns_the_variance_of_its_task()
    {
        // The minimum over s of exp(-s) L / 2 + s / 2 lies at exp(s) = L: the mean squared error is the variance.
        var balancer = new UncertaintyWeighting([UncertaintyKind.Regression, UncertaintyKind.Regression]);
        var optimizer = optim.SGD(balancer.Parameters, 0.2);
        for (var i = 0; i < 400; i++)
        {
            optimizer.zero_grad();
            balancer.Backward([tensor(0.09f), tensor(4f)], At(i));
            optimizer.step();
        }
        var s = balancer.State["uncertainty.log_variance"];
        Assert.Equal(0.09, Math.Exp(s[0]), 1e-3);
        Assert.Equal(4, Math.Exp(s[1]), 1e-3);
    }

    [Fact]
    public void Dynamic_averages_follow_the_rate_of_the_last_two_epochs()
    {
        var balancer = new DynamicWeightAverage(2, temperature: 2);
        foreach (var (a, b) in new[] { (8f, 4f), (4f, 4f) })
        {
            // two steps around the mean, and one without labels for the first task
            foreach (var (first, second) in new[] { (a - 1, b), (a + 1, b), (0, b) })
                Assert.Equal([1, 1], balancer.Backward(Losses(first, second), At(0)).Weights);
            balancer.EndEpoch();
        }
        // ratios 4/8 and 4/4, T = 2
        var (slow, fast) = (Math.Exp(0.25), Math.Exp(0.5));
        var step = balancer.Backward(Losses(1, 1), At(0));
        Assert.Equal(2 * slow / (slow + fast), step.Weights[0], 1e-12);
        Assert.Equal(2 * fast / (slow + fast), step.Weights[1], 1e-12);
        Assert.Equal(2, step.Total, 1e-6);
    }

    [Fact]
    public void The_geometric_mean_is_blind_to_the_scale_of_a_loss()
    {
        var (x, y) = (Vector(2, 8), Vector(2, 8));
        var step = new GeometricLoss().Backward([x[0] * Held(1), x[1] * Held(1)], At(0, x));
        Assert.Equal(4, step.Total, 1e-6);
        // sqrt(ab): derivatives sqrt(b/a)/2 and sqrt(a/b)/2
        Assert.Equal(1, Gradient(x)[0], 1e-6);
        Assert.Equal(0.25, Gradient(x)[1], 1e-6);
        Assert.Equal(Gradient(x)[0], step.Weights[0], 1e-6);
        new GeometricLoss().Backward([y[0] * Held(100), y[1] * Held(0.01)], At(0, y));
        Assert.Equal(Gradient(x)[0], Gradient(y)[0], 1e-5);
        Assert.Equal(Gradient(x)[1], Gradient(y)[1], 1e-5);
    }

    [Fact]
    public void Random_weights_are_a_function_of_seed_and_step_and_add_to_one()
    {
        var balancer = new RandomWeighting(7);
        Assert.Equal(balancer.Weights(12, 3), new RandomWeighting(7).Weights(12, 3));
        Assert.NotEqual(balancer.Weights(12, 3), balancer.Weights(13, 3));
        Assert.NotEqual(balancer.Weights(12, 3), new RandomWeighting(8).Weights(12, 3));
        var all = Enumerable.Range(0, 4000).Select(step => balancer.Weights(step, 2)).ToArray();
        Assert.All(all, w => Assert.Equal(1, w.Sum(), 1e-12));
        Assert.Equal(0.5, all.Average(w => w[0]), 0.02);
        // ln(w0 / w1) is the difference of two standard normals: variance 2
        Assert.Equal(2, all.Average(w => Math.Pow(Math.Log(w[0] / w[1]), 2)), 0.15);
        var x = Vector(1, 1);
        var step = balancer.Backward([x[0] * Held(1), x[1] * Held(1)], At(5, x));
        TensorAssert.Close(tensor(balancer.Weights(5, 2)), x.grad!, 1e-6);
        Assert.Equal(balancer.Weights(5, 2), step.Weights);
    }

    [Fact]
    public void GradNorm_takes_the_step_that_the_paper_gives()
    {
        var (shared, head) = (new Parameter(tensor(new[] { 3f, 4f }).view(1, 2)), new Parameter(ones(1, 1)));
        var balancer = new GradNorm(2, alpha: 1.5, rate: 0.025);
        // |grad| of the losses on the shared layer: 3 and 1
        BalancedStep Step(double a, double b) =>
            balancer.Backward(
                [
                    (shared.sum() * Held(0)).Plus(shared[0, 0] * Held(3)).Plus((float)(a - 9)),
                    (shared[0, 1] * Held(1)).Plus((float)(b - 4)).Plus(head.sum() * Held(0)),
                ],
                At(0, shared, head)
            );
        var first = Step(10, 10);
        Assert.Equal([1, 1], first.Weights);
        Assert.Equal(20, first.Total, 1e-5);
        Assert.Equal([3, 1], Gradient(shared));
        // r = 1, 1; targets 2, 2: w = 1 - 0.025 * 3, 1 + 0.025 * 1, then scaled to add to 2
        var (w0, w1) = (0.925, 1.025);
        (w0, w1) = (2 * w0 / (w0 + w1), 2 * w1 / (w0 + w1));
        Assert.Equal(w0, balancer.Weights[0], 1e-9);
        Assert.Equal(w1, balancer.Weights[1], 1e-9);
        // The second loss has halved, the first has not moved: r = 4/3, 2/3.
        var second = Step(10, 5);
        Assert.Equal(10 * w0 + 5 * w1, second.Total, 1e-5);
        var mean = (3 * w0 + w1) / 2;
        var targets = (mean * Math.Pow(4.0 / 3, 1.5), mean * Math.Pow(2.0 / 3, 1.5));
        var (v0, v1) = (w0 - 0.025 * Math.Sign(3 * w0 - targets.Item1) * 3, w1 - 0.025 * Math.Sign(w1 - targets.Item2) * 1);
        Assert.Equal(2 * v0 / (v0 + v1), balancer.Weights[0], 1e-9);
    }

    [Fact]
    public void GradNorm_brings_gradients_of_very_different_size_together()
    {
        // Both losses stay where they are (r = 1), so the weighted norms 100 w0 and w1 should meet.
        var shared = new Parameter(ones(2, 2));
        var balancer = new GradNorm(2, alpha: 1.5, rate: 1e-5);
        for (var i = 0; i < 4000; i++)
        {
            shared.grad?.zero_();
            balancer.Backward([shared[0, 0] * Held(100), shared[1, 1] * Held(1)], At(i, shared));
        }
        Assert.InRange(balancer.Weights[1] / balancer.Weights[0], 85, 115);
        Assert.Equal(2, balancer.Weights.Sum(), 1e-9);
    }

    [Fact]
    public void PcGrad_removes_what_points_against_another_task_and_touches_nothing_else()
    {
        var (shared, first, second) = (Vector(0, 0), Vector(0), Vector(0));
        // gradients on the shared parameters: (1, 0) and (-1, 1)
        var step = new PcGrad(0).Backward(
            [
                (shared[0] * Held(1)).Plus(first.sum() * Held(5)),
                (shared[0] * Held(-1)).Plus(shared[1] * Held(1)).Plus(second.sum() * Held(7)),
            ],
            At(0, shared, first, second)
        );
        // (1, 0) - (-1/2)(-1, 1) = (1/2, 1/2);  (-1, 1) - (-1/1)(1, 0) = (0, 1)
        TensorAssert.Close(tensor(new[] { 0.5f, 1.5f }), shared.grad!, 1e-6);
        Assert.Equal([5], Gradient(first));
        Assert.Equal([7], Gradient(second));
        Assert.Equal([1, 1], step.Weights);

        var agreeing = Vector(0, 0);
        new PcGrad(0).Backward([agreeing[0] * Held(1), agreeing.sum() * Held(2)], At(0, agreeing));
        Assert.Equal([3, 2], Gradient(agreeing));
    }

    [Fact]
    public void PcGrad_of_three_tasks_depends_on_the_order_that_seed_and_step_give()
    {
        double[] Of(long seed, long step)
        {
            var shared = Vector(0, 0, 0);
            new PcGrad(seed).Backward(
                [
                    (shared[0] * Held(1)).Plus(shared[1] * Held(1)),
                    (shared[0] * Held(-1)).Plus(shared[2] * Held(1)),
                    (shared[1] * Held(-2)).Plus(shared[0] * Held(-1)),
                ],
                At(step, shared)
            );
            return Gradient(shared);
        }
        Assert.Equal(Of(1, 1), Of(1, 1));
        Assert.True(Enumerable.Range(0, 20).Select(step => string.Join(' ', Of(1, step))).Distinct().Count() > 1);
    }

    // 50 digits (Python's decimal): 2 exp(w / T) / sum exp(w / T) of the ratios w.
    [Theory]
    [InlineData(0.001, 1.0, 0.999, 1.4621171572600097584, 0.53788284273999024150)]
    [InlineData(0.001, 2.0, 1.0, 2.0, 0.0)]
    [InlineData(2, 1e30, 1e-30, 2.0, 0.0)]
    [InlineData(0.001, 1e30, 1e30, 1.0, 1.0)]
    [InlineData(2, 1e-30, 1e-30, 1.0, 1.0)]
    public void Dynamic_averages_at_extreme_ratios(double temperature, double first, double second, double a, double b)
    {
        var balancer = new DynamicWeightAverage(2, temperature);
        balancer.Load(
            new Dictionary<string, double[]>
            {
                ["dwa.sums"] = [0, 0],
                ["dwa.steps"] = [0, 0],
                ["dwa.last"] = [first, second],
                ["dwa.before_last"] = [1, 1],
            }
        );
        Assert.Equal(a, balancer.Weights[0], 1e-12);
        Assert.Equal(b, balancer.Weights[1], 1e-12);
    }

    [Theory]
    [InlineData(1e-30f, 1e30f)]
    [InlineData(1f, 1e30f)]
    [InlineData(1e-30f, 1e-30f)]
    public void Weights_of_gradnorm_stay_positive_and_add_to_their_number(float first, float second)
    {
        var shared = new Parameter(full(2, 2, Held(1f)));
        var balancer = new GradNorm(2, alpha: 3, rate: 0.025);
        for (var step = 0; step < 4; step++)
        {
            shared.grad = null;
            balancer.Backward([(shared * Held(first)).mean(), (shared * Held(second)).mean()], At(step, shared));
            Assert.All(balancer.Weights, w => Assert.InRange(w, 4e-4, 2));
            Assert.Equal(2, balancer.Weights.Sum(), 1e-9);
        }
    }

    [Fact]
    public void Gradnorm_bears_losses_without_gradients()
    {
        var shared = new Parameter(zeros(2, 2));
        var balancer = new GradNorm(2, alpha: 1.5, rate: 0.025);
        balancer.Backward(
            [shared.pow(Held(2)).sum().Plus(tensor(1f)), shared.pow(Held(2)).sum().Plus(tensor(2f))],
            At(0, shared)
        );
        Assert.Equal([1, 1], balancer.Weights);
    }

    // Of a = (s, 0) and b = (-t, t): a - a.b/|b|^2 b = (s / 2, s / 2), b - a.b/|a|^2 a = (0, t); scales that differ by 60 orders
    // change nothing.
    [Theory]
    [InlineData(1f, 1f)]
    [InlineData(1e-25f, 1e-25f)]
    [InlineData(1e25f, 1e25f)]
    [InlineData(1e-28f, 1e30f)]
    public void Projected_gradients_are_those_of_the_formula_at_any_scale(float s, float t)
    {
        var shared = Vector(1, 1);
        new PcGrad(0).Backward([(shared * tensor([s, 0f])).sum(), (shared * tensor([-t, t])).sum()], At(0, shared));
        var gradient = Gradient(shared);
        Assert.Equal(1, gradient[0] / (s / 2), 1e-5);
        Assert.Equal(1, gradient[1] / (s / 2 + t), 1e-5);
    }
}
