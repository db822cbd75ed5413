using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>
/// GradNorm (Chen et al. 2018): weights w are moved so that each task's gradient on the last shared layer, G = |w grad loss|,
/// comes to mean(G) r^alpha, r being how much slower than the mean the task's loss has fallen since the first step. As G is
/// linear in w, the gradient of sum |G - target| is known in closed form, sign(G - target) |grad loss|, and no second derivative
/// is taken. Weights descend it at their own rate, stay above a small positive number and add to the number of losses. The layer
/// is the last parameter with two or more dimensions, in the order of the source, that every loss reaches. Costs a backward pass
/// down to that layer for each loss. </summary>
[Word("gradnorm")]
public sealed class GradNorm : LossBalancer
{
    public GradNorm(Objective.Balanced objective, long seed)
        : this(objective.Parts.Length, objective.Settings["alpha"], objective.Settings["rate"]) { }

    const double SmallestWeight = 1e-3;

    readonly double alpha,
        rate;
    readonly double[] weights,
        initial;
    Parameter? layer;

    // Sums over the batches of a step: each loss, and its gradient on the layer.
    double[] lossSums = [];
    Tensor[] gradientSums = [];

    /// <param name="count">Number of losses.</param>
    /// <param name="alpha">How strongly a slower task is pulled up; the paper's 1.5.</param>
    /// <param name="rate">Learning rate of the weights; 0.025 in the paper's experiments on NYUv2.</param>
    public GradNorm(int count, double alpha, double rate)
    {
        (this.alpha, this.rate) = (alpha, rate);
        weights = [.. Enumerable.Repeat(1.0, count)];
        // The loss of the first step that had labels; 0 until then.
        initial = new double[count];
    }

    public IReadOnlyList<double> Weights => weights;

    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context)
    {
        using (var scope = NewDisposeScope())
        {
            layer ??= LastShared(losses, context.Parameters);
            var gradients = losses.Select(loss => Gradients.Of(loss, [layer], scale: context.Scale)[0]!).ToArray();
            if (!context.IsFirst)
                gradients = [.. gradientSums.Zip(gradients, (sum, gradient) => sum.Plus(gradient))];
            Forget();
            gradientSums = Array.ConvertAll(gradients, g => g.DetachFromDisposeScope());
        }
        var step = BackwardWeighted(losses, [.. weights], context);
        lossSums = context.IsFirst ? [.. step.Losses] : [.. lossSums.Zip(step.Losses, (sum, loss) => sum + loss)];
        if (context.IsLast)
        {
            Move(
                [.. lossSums.Select(loss => loss / context.Parts)],
                [.. gradientSums.Select(g => Norm(g) / context.Parts / context.Scale)]
            );
            Forget();
        }
        return step;
    }

    void Forget()
    {
        foreach (var sum in gradientSums)
            sum.Dispose();
        gradientSums = [];
    }

    static double Norm(Tensor gradient)
    {
        using var norm = gradient.norm();
        if (norm.item<float>() is > 1e-15f and < float.PositiveInfinity and var single)
            return single;
        using var wide = gradient.to(ScalarType.Float64); // squares beyond float32
        using var exact = wide.norm();
        return exact.item<double>();
    }

    void Move(IReadOnlyList<double> losses, double[] norms)
    {
        // A loss that is not finite ends the training, and should not spoil the state that it leaves.
        if (!losses.Concat(norms).All(double.IsFinite))
            return;
        for (var i = 0; i < losses.Count; i++)
            initial[i] = initial[i] == 0 ? losses[i] : initial[i];
        var labelled = Enumerable.Range(0, losses.Count).Where(i => losses[i] > 0).ToArray();
        if (labelled.Length < 2)
            return;
        var meanNorm = labelled.Average(i => weights[i] * norms[i]);
        var meanRatio = labelled.Average(i => losses[i] / initial[i]);
        if (meanNorm == 0)
            return; // no loss has a gradient: there is nothing to even out
        foreach (var i in labelled)
        {
            var target = meanNorm * Math.Pow(losses[i] / initial[i] / meanRatio, alpha);
            weights[i] = Math.Max(SmallestWeight, weights[i] - rate * Math.Sign(weights[i] * norms[i] - target) * norms[i]);
        }
        var sum = weights.Sum();
        for (var i = 0; i < weights.Length; i++)
            weights[i] *= weights.Length / sum;
        KeepPositive();
    }

    // A weight that has grown by orders of magnitude leaves the others nothing once all add to their number: they get the least
    // there is, it the rest.
    void KeepPositive()
    {
        if (weights.Min() >= SmallestWeight / 2)
            return;
        var small = weights.Count(w => w < SmallestWeight);
        var others = weights.Where(w => w >= SmallestWeight).Sum();
        for (var i = 0; i < weights.Length; i++)
            weights[i] =
                weights[i] < SmallestWeight ? SmallestWeight : weights[i] / others * (weights.Length - small * SmallestWeight);
    }

    // One layer at a time, from the last on: gradients of all layers at once would take as much memory as the network again for
    // each loss.
    static Parameter LastShared(IReadOnlyList<Tensor> losses, IReadOnlyList<Parameter> parameters) =>
        parameters.Reverse().Where(p => p.dim() > 1).FirstOrDefault(weight => losses.All(loss => Reaches(loss, weight)))
        ?? throw new InvalidOperationException("gradnorm needs a layer that every loss reaches, and there is none");

    static bool Reaches(Tensor loss, Parameter weight)
    {
        using var gradient = Gradients.Of(loss, [weight])[0];
        return gradient is not null;
    }

    public override IReadOnlyDictionary<string, double[]> State =>
        new Dictionary<string, double[]> { ["gradnorm.weights"] = [.. weights], ["gradnorm.initial"] = [.. initial] };

    public override void Load(IReadOnlyDictionary<string, double[]> state)
    {
        Entry(state, "gradnorm.weights", weights.Length).CopyTo(weights, 0);
        Entry(state, "gradnorm.initial", initial.Length).CopyTo(initial, 0);
    }
}
