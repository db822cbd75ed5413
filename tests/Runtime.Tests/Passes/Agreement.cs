using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Passes;

/// <summary>Whether a graph computes what another one does, from the same stored parameters.</summary>
static class Agreement
{
    /// <summary>Parameters as after some training: no mean is 0, no variance or scale is 1.</summary>
    public static ParameterStore Trained(Graph graph, long seed)
    {
        var store = new ParameterStore(graph.Parameters, seed);
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var generator = new Generator((ulong)seed);
        foreach (var (name, value) in store.All.Where(p => p.Value.is_floating_point()))
        {
            if (
                name.EndsWith("running_var", StringComparison.Ordinal)
                || name.EndsWith(".weight", StringComparison.Ordinal) && value.dim() == 1
            )
                value.uniform_(0.5, 1.5, generator);
            else if (value.dim() == 1 || name.EndsWith("lora_b", StringComparison.Ordinal))
                value.normal_(0, 0.2, generator);
        }
        return store;
    }

    /// <summary>Evaluation agrees to 1e-4 of the largest number.</summary>
    public static void InEvaluation(Graph expected, Graph actual, long seed, Tensor pictures)
    {
        using var scope = NewDisposeScope();
        using var store = Trained(expected, seed);
        store.To(pictures.device);
        using var reference = new GraphModule(expected, store);
        using var module = new GraphModule(actual, store);
        reference.eval();
        module.eval();
        using var gradients = no_grad();
        var (wanted, given) = (reference.forward(pictures), module.forward(pictures));
        Assert.Equal(wanted.Keys, given.Keys);
        foreach (var (name, value) in wanted)
            Close(name, value, given[name], 1e-4);
    }

    /// <summary>Training gives the same predictions, gradients and running statistics.</summary>
    public static void InTraining(Graph expected, Graph actual, long seed, Tensor pictures)
    {
        using var scope = NewDisposeScope();
        using var one = Trained(expected, seed);
        using var other = Trained(expected, seed);
        using var near = Trained(expected, seed);
        // As far from the pictures as roundings are.
        using var generator = new Generator((ulong)seed + 1);
        using var moved = pictures * (randn(pictures.shape, generator: generator) * Held(Rounding)).Plus(1);
        foreach (
            var (graph, store, shown) in new[] { (expected, one, pictures), (actual, other, pictures), (expected, near, moved) }
        )
        {
            using var module = new GraphModule(graph, store) { Randomness = new(seed, 1) };
            module.train();
            var loss = module
                .forward(shown)
                .Values.Select((y, i) => (y * Held(i + 1)).sin().mean())
                .Aggregate((a, b) => a.Plus(b));
            loss.backward();
        }
        var steepest = 1 + one.All.Where(p => p.Value.requires_grad).Max(p => Largest(Gradient(p.Value)));
        foreach (var (name, value) in one.All)
        {
            Close(name, value, other[name], 1e-4);
            if (!value.requires_grad)
                continue;
            // A bias that batch norm takes away again has the gradient 0: what is there are the roundings of a sum, as large as
            // what was summed, which the result does not tell. The same network shows them, on pictures that are the same but for
            // roundings.
            var roundings = Largest(Gradient(value) - Gradient(near[name]));
            Close(
                $"gradient of {name}",
                Gradient(value),
                Gradient(other[name]),
                2e-2,
                Math.Clamp(10 * roundings, 1e-6 * steepest, 1e-4 * steepest)
            );
        }
    }

    // 2^-22.
    const double Rounding = 2.4e-7;

    // A parameter that only the size of something depends on has none.
    static Tensor Gradient(Tensor value) => value.grad is { IsInvalid: false } gradient ? gradient : zeros_like(value);

    static void Close(string name, Tensor expected, Tensor actual, double tolerance, double floor = 1e-6)
    {
        Assert.Equal(expected.shape, actual.shape);
        var (largest, difference) = (Largest(expected), Largest(expected - actual));
        Assert.True(
            difference <= tolerance * largest + floor,
            FormattableString.Invariant($"{name}: differs by {difference}, its largest number is {largest}")
        );
    }

    static double Largest(Tensor values) => values.to(ScalarType.Float32).abs().max().item<float>();
}
