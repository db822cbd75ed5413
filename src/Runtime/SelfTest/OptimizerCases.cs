using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Training.Optimizers;
using static TorchSharp.torch;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// The fused optimizers over three steps, on parameters of sizes that vectors divide and do not. Factors are powers of two, and a
/// parameter and its gradients have one sign, so that nothing cancels and only the roundings of the operations themselves are
/// left. </summary>
static class OptimizerCases
{
    const int Steps = 3,
        PerStep = 32; // roundings of a step
    const double Rate = 0.125,
        Decay = 0.25,
        Momentum = 0.5,
        Beta2 = 0.75,
        Epsilon = 1.0 / (1 << 20);

    static readonly (string Name, OptimizerRecipe Recipe)[] All =
    [
        ("sgd", new SgdRecipe(Rate, 0, Decay)),
        ("sgd with momentum", new SgdRecipe(Rate, Momentum, Decay)),
        ("sgd, nesterov", new SgdRecipe(Rate, Momentum, Decay, true)),
        ("adam", new AdamRecipe(Rate, Decay, Momentum, Beta2, Epsilon)),
        ("adamw", new AdamWRecipe(Rate, Decay, Momentum, Beta2, Epsilon)),
    ];

    public static void Run(TestBench bench)
    {
        foreach (var (name, recipe) in All)
        {
            using var scope = NewDisposeScope();
            var starts = ((int[])[1, 19, 64, 300])
                .Select(n => Array.ConvertAll(bench.Numbers(n), v => v + MathF.CopySign(1, v)))
                .ToArray();
            var parameters = starts.Select(s => bench.On(s, s.Length).requires_grad_()).ToArray();
            var right = starts.Select(s => Array.ConvertAll(s, v => new State(v))).ToArray();
            using var optimizer = new Optimizer(recipe, parameters.Select((p, i) => (FormattableString.Invariant($"p{i}"), p)));
            for (var step = 1; step <= Steps; step++)
            {
                for (var i = 0; i < parameters.Length; i++)
                {
                    var gradient = bench
                        .Numbers(starts[i].Length)
                        .Select((v, at) => MathF.CopySign(0.5f + Math.Abs(v) / 2, starts[i][at]))
                        .ToArray();
                    parameters[i].grad = bench.On(gradient, gradient.Length);
                    for (var at = 0; at < gradient.Length; at++)
                        right[i][at].Step(recipe, gradient[at], step);
                }
                using var gradients = StepGradients.Of(parameters);
                optimizer.Step(gradients, Rate);
            }
            for (var i = 0; i < parameters.Length; i++)
            {
                bench.Add(
                    "optimizer",
                    FormattableString.Invariant($"{name}, {starts[i].Length} numbers"),
                    parameters[i],
                    [.. right[i].Select(s => s.Value)],
                    [.. right[i].Select(s => s.Sizes * Bounded.Gamma(PerStep * Steps))]
                );
            }
        }
    }

    /// <summary>One parameter as torch.optim updates it.</summary>
    sealed class State(double start)
    {
        double first,
            second;

        public double Value { get; private set; } = start;

        /// <summary>Its own size and that of all that was taken from it.</summary>
        public double Sizes { get; private set; } = Math.Abs(start);

        public void Step(OptimizerRecipe recipe, double gradient, int step)
        {
            switch (recipe)
            {
                case SgdRecipe sgd:
                    gradient += Decay * Value;
                    // The fused update starts from a buffer of zeros.
                    first = sgd.Momentum * first + gradient;
                    Take(
                        Rate
                            * (
                                sgd.Nesterov ? gradient + sgd.Momentum * first
                                : sgd.Momentum > 0 ? first
                                : gradient
                            )
                    );
                    break;
                case AdamWRecipe:
                    Take(Rate * Decay * Value);
                    Take(Adam(gradient, step));
                    break;
                default:
                    Take(Adam(gradient + Decay * Value, step));
                    break;
            }
        }

        double Adam(double gradient, int step)
        {
            first = Momentum * first + (1 - Momentum) * gradient;
            second = Beta2 * second + (1 - Beta2) * gradient * gradient;
            return Rate * first / (1 - Math.Pow(Momentum, step)) / (Math.Sqrt(second / (1 - Math.Pow(Beta2, step))) + Epsilon);
        }

        void Take(double amount)
        {
            Value -= amount;
            Sizes += Math.Abs(amount);
        }
    }
}
