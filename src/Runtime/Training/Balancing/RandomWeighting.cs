using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>
/// Random loss weighting (Lin et al. 2021): in every step, the softmax of independent standard normals; the weights of a step add
/// to 1. The baseline that a scheme should beat. Costs nothing. </summary>
/// <param name="seed">The weights of a step are a pure function of it and the step.</param>
[Word("random")]
public sealed class RandomWeighting(long seed) : LossBalancer
{
    public RandomWeighting(Objective.Balanced objective, long seed)
        : this(seed) { }

    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context) =>
        BackwardWeighted(losses, Weights(context.Step, losses.Count), context);

    /// <summary>The weights of a step.</summary>
    public double[] Weights(long step, int count)
    {
        var draws = new SeededDraws(seed, step);
        var exponentials = new double[count];
        for (var i = 0; i < count; i++)
            exponentials[i] = Math.Exp(draws.Normal());
        return [.. exponentials.Select(e => e / exponentials.Sum())];
    }
}
