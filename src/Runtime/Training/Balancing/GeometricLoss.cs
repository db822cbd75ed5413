using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>
/// The geometric mean of the losses (MultiNet++, Chennupati et al. 2019): each weighs total / (K loss), so that the scale of a
/// loss does not matter. Computed in logarithms, that many losses neither overflow nor vanish. Losses of exactly 0 are left out.
/// Costs nothing. </summary>
[Word("geometric")]
public sealed class GeometricLoss : LossBalancer
{
    public GeometricLoss() { }

    public GeometricLoss(Objective.Balanced objective, long seed) { }

    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context)
    {
        using var scope = NewDisposeScope();
        var values = Values(losses);
        var counted = losses.Where((_, i) => values[i] != 0).ToArray();
        var mean =
            counted.Length == 0
                ? losses.Aggregate((a, b) => a.Plus(b)) // nothing is labelled: zero, with zero gradients for every parameter
                : (counted.Select(loss => loss.log()).Aggregate((a, b) => a.Plus(b)) / Held(counted.Length)).exp();
        // The others keep their path, for the optimizer must see the same parameters in every step.
        var total = losses.Where((_, i) => values[i] == 0).Aggregate(mean, (sum, loss) => sum.Plus(loss * Held(0)));
        context.Backward(total);
        var value = total.item<float>();
        return new(value, values, [.. values.Select(loss => loss == 0 ? 0 : value / (counted.Length * loss))]);
    }
}
