using Mtlc.Runtime.Training.Balancing;
using static Mtlc.Tests.Training.Balancing.Balancers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Tests.Training.Balancing;

/// <summary>What holds for every scheme: stopping, accumulating, missing labels.</summary>
public sealed class BalancerStateTests
{
    [Theory]
    [MemberData(nameof(Schemes), MemberType = typeof(Balancers))]
    public void A_resumed_balancer_goes_on_as_if_it_had_never_stopped(string scheme)
    {
        var straight = Run(Create(scheme), 0, 12, out _, [1, 2]);
        var stopped = Create(scheme);
        Run(stopped, 0, 5, out var at, [1, 2]);
        var resumed = Create(scheme);
        resumed.Load(stopped.State.ToDictionary(s => s.Key, s => s.Value));
        Assert.Equal(straight, Run(resumed, 5, 12, out _, at));

        static float[] Run(LossBalancer balancer, int from, int to, out float[] at, float[] start)
        {
            var shared = new Parameter(tensor(start).view(1, 2));
            var optimizer = optim.SGD(balancer.Parameters.Append(shared), 0.05);
            for (var step = from; step < to; step++)
            {
                optimizer.zero_grad();
                balancer.Backward(
                    [(shared - Held(3)).pow(Held(2)).sum(), (shared[0, 0].pow(Held(2)) * Held(10)).Plus(1)],
                    At(step, shared)
                );
                optimizer.step();
                if (step % 3 == 2)
                    balancer.EndEpoch();
            }
            return at = [.. TensorAssert.Values(shared).Select(v => (float)v)];
        }
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("uncertainty")]
    [InlineData("dwa")]
    [InlineData("random")]
    [InlineData("gradnorm")]
    [InlineData("pcgrad")]
    public void Two_batches_of_a_step_are_the_mean_of_both(string scheme)
    {
        var (whole, parts) = (Create(scheme), Create(scheme));
        var (a, b) = (Start(), Start());
        for (var step = 0; step < 4; step++)
        {
            Clear(whole, a);
            Clear(parts, b);
            var expected = whole.Backward(
                [First(a, 1).Plus(First(a, 3)) / Held(2), Second(a, 2).Plus(Second(a, -1)) / Held(2)],
                At(step, a)
            );
            var first = parts.Backward([First(b, 1), Second(b, 2)], new(step, [b], 0, 2));
            var weights = string.Join(' ', parts.State.Where(s => s.Key == "gradnorm.weights").SelectMany(s => s.Value));
            Assert.Equal(string.Join(' ', whole is GradNorm ? first.Weights : []), weights); // they move when the step is through
            var second = parts.Backward([First(b, 3), Second(b, -1)], new(step, [b], 1, 2));
            Assert.Equal(expected.Total, (first.Total + second.Total) / 2, 1e-4);
            TensorAssert.Close(a.grad!, b.grad! / Held(2), 1e-4);
            foreach (var (p, q) in whole.Parameters.Zip(parts.Parameters))
                TensorAssert.Close(p.grad!, q.grad! / Held(2), 1e-4);
            using (no_grad())
            {
                foreach (var parameter in new[] { a, b })
                    parameter.sub_(a.grad! * Held(0.05f));
            }
            if (step == 1)
            {
                whole.EndEpoch();
                parts.EndEpoch();
            }
        }
        foreach (var (key, value) in whole.State.Where(s => s.Key is not ("dwa.sums" or "dwa.steps")))
            Assert.All(value.Zip(parts.State[key]), v => Assert.Equal(v.First, v.Second, 1e-5));

        static Parameter Start() => new(tensor(new[] { 1f, 2f }).view(1, 2));
        static Tensor First(Parameter x, float target) => (x - Held(target)).pow(Held(2)).sum();
        static Tensor Second(Parameter x, float slope) => (x[0, 0] * Held(slope) * Held(3)).Plus(x[0, 1].pow(Held(2))).Plus(20);
        static void Clear(LossBalancer balancer, Parameter shared)
        {
            foreach (var parameter in balancer.Parameters.Append(shared))
                parameter.grad = null;
        }
    }

    [Theory]
    [MemberData(nameof(Schemes), MemberType = typeof(Balancers))]
    public void A_batch_without_labels_of_one_task_or_of_all_leaves_gradients_finite_and_the_state_alone(string scheme)
    {
        var balancer = Create(scheme);
        var shared = new Parameter(ones(1, 2));
        balancer.Backward([shared.sum(), shared[0, 0] * Held(4)], At(0, shared));
        var before = balancer.State;
        foreach (var scale in new[] { 0f, 1f })
        {
            shared.grad = null;
            foreach (var parameter in balancer.Parameters)
                parameter.grad = null;
            var step = balancer.Backward([shared.sum() * Held(0), shared[0, 0] * Held(scale)], At(1, shared));
            Assert.True(double.IsFinite(step.Total));
            Assert.All(Gradient(shared), g => Assert.True(double.IsFinite(g)));
            Assert.Equal(scale > 0 && scheme != "pcgrad" ? step.Weights[1] : scale, Gradient(shared)[0], 1e-6);
            if (balancer.Parameters.Count > 0)
                Assert.Equal(0, Gradient(balancer.Parameters[0])[0]);
        }
        foreach (var (key, value) in before)
            Assert.Equal(value[0], balancer.State[key][0]);
    }

    [Fact]
    public void A_state_of_another_loss_statement_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new GradNorm(3, 1.5, 0.025).Load(new GradNorm(2, 1.5, 0.025).State.ToDictionary(s => s.Key, s => s.Value))
        );
        Assert.Contains("gradnorm.weights", error.Message, StringComparison.Ordinal);
    }
}
