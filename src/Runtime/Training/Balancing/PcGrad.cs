using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>
/// Gradient surgery (PCGrad, Yu et al. 2020): where the gradients of two tasks on the shared parameters point against each other,
/// each gives up its component along the other; the results are added. Other tasks are taken in random order. A parameter is
/// shared that two or more losses reach; one that a single loss reaches gets that loss's gradient as it is. Costs a backward pass
/// for each loss, through the encoder, and a copy of all gradients for each. </summary>
/// <param name="seed">The order in a step is a pure function of it and the step.</param>
[Word("pcgrad")]
public sealed class PcGrad(long seed) : LossBalancer
{
    public PcGrad(Objective.Balanced objective, long seed)
        : this(seed) { }

    // Sums over the batches of a step: the gradients of each loss.
    Tensor?[][] sums = [];

    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var parameters = context.Parameters;
        var own = new Tensor?[losses.Count][];
        for (var i = 0; i < losses.Count; i++)
        {
            own[i] = Gradients.Of(losses[i], parameters, keepGraph: i < losses.Count - 1, scale: context.Scale);
            if (!context.IsFirst)
                own[i] = [.. sums[i].Zip(own[i], Add)];
        }
        Forget();
        var values = Values(losses);
        if (context.IsLast)
            Combine(own, parameters, context.Step);
        else
            sums = Array.ConvertAll(own, ofLoss => Array.ConvertAll(ofLoss, g => g?.DetachFromDisposeScope()));
        return new(values.Sum(), values, [.. values.Select(_ => 1.0)]);
    }

    // What is added up goes at once: else old sums, gradients and new sums of all losses would lie side by side.
    static Tensor? Add(Tensor? sum, Tensor? gradient)
    {
        if (sum is null || gradient is null)
            return gradient ?? sum?.alias();
        using (sum)
        using (gradient)
            return sum.Plus(gradient);
    }

    void Forget()
    {
        foreach (var sum in sums.SelectMany(s => s))
            sum?.Dispose();
        sums = [];
    }

    // One task after the other is projected and added to the sum: beside the gradients of all tasks lie one projected and the
    // sum.
    void Combine(Tensor?[][] own, IReadOnlyList<Parameter> parameters, long step)
    {
        var shared = Enumerable.Range(0, parameters.Count).Where(p => own.Count(g => g[p] is not null) > 1).ToArray();
        var draws = new SeededDraws(seed, step);
        var squares = own.Select(g => Dot(g, g, shared)).ToArray();
        var sum = new Tensor?[parameters.Count];
        for (var i = 0; i < own.Length; i++)
        {
            var projected = Project(i, own, squares, shared, draws);
            for (var p = 0; p < sum.Length; p++)
            {
                if (projected[p] is not { } part)
                    continue;
                var (before, isNew) = (sum[p], !ReferenceEquals(part, own[i][p]));
                sum[p] = before is null ? part : before.Plus(part);
                // Gradients of the tasks are read until the end: only what was made of them goes.
                if (before is not null && isNew)
                    part.Dispose();
                if (before is not null && own.All(g => !ReferenceEquals(g[p], before)))
                    before.Dispose();
            }
        }
        for (var p = 0; p < sum.Length; p++)
        {
            if (sum[p] is { } gradient)
                parameters[p].grad = gradient;
        }
    }

    static Tensor?[] Project(int task, Tensor?[][] own, double[] squares, int[] shared, SeededDraws draws)
    {
        var projected = (Tensor?[])own[task].Clone();
        var others = Enumerable.Range(0, own.Length).Where(j => j != task).ToArray();
        draws.Shuffle(others);
        foreach (var j in others)
        {
            var dot = Dot(projected, own[j], shared);
            if (dot >= 0 || squares[j] == 0)
                continue;
            foreach (var p in shared)
            {
                if (own[j][p] is not { } along)
                    continue;
                var before = projected[p];
                projected[p] = before is null ? Times(along, -dot / squares[j]) : Less(before, along, dot / squares[j]);
                if (before is not null && !ReferenceEquals(before, own[task][p]))
                    before.Dispose();
            }
        }
        return projected;
    }

    static Tensor Less(Tensor mine, Tensor along, double factor)
    {
        using var part = Times(along, factor);
        return mine - part;
    }

    // A factor beyond float32 is applied in two equal parts.
    static Tensor Times(Tensor along, double factor)
    {
        if (Math.Abs(factor) is > 1e-30 and < 1e30)
            return along * Held(factor);
        var root = Math.Sqrt(Math.Abs(factor));
        using var part = along * Held(root);
        return part * Held(factor < 0 ? -root : root);
    }

    static double Dot(Tensor?[] a, Tensor?[] b, int[] shared)
    {
        using var scope = NewDisposeScope();
        var dots = shared
            .Where(p => a[p] is not null && b[p] is not null)
            .Select(p => a[p]!.flatten().dot(b[p]!.flatten()))
            .ToArray();
        if (dots.Length == 0)
            return 0;
        var dot = stack(dots).to(ScalarType.Float64).sum().item<double>();
        if (Math.Abs(dot) is > 1e-25 and < double.PositiveInfinity)
            return dot;
        // Products beyond float32, or a true 0.
        return shared
            .Where(p => a[p] is not null && b[p] is not null)
            .Sum(p => a[p]!.flatten().to(ScalarType.Float64).dot(b[p]!.flatten().to(ScalarType.Float64)).item<double>());
    }
}
