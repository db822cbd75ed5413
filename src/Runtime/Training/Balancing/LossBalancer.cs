using System.Collections.Frozen;
using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>What a balancer may read besides the losses.</summary>
/// <param name="Step">Optimizer steps already taken: all that random schemes depend on, besides the seed.</param>
/// <param name="Parameters">The network's trained parameters, in the order of its source. GradNorm and PCGrad find those that
/// losses share.</param>
/// <param name="Part">Which batch of the step: the first is 0.</param>
/// <param name="Parts">Batches of the step, whose gradients are added up.</param>
/// <param name="Scale">What every gradient is multiplied by (<see cref="LossScale"/>); who steps the optimizer divides
/// again.</param>
public sealed record BalancingContext(
    long Step,
    IReadOnlyList<Parameter> Parameters,
    int Part = 0,
    int Parts = 1,
    double Scale = 1
)
{
    public bool IsFirst => Part == 0;

    public bool IsLast => Part == Parts - 1;

    /// <summary>Backward of the objective, scaled.</summary>
    internal void Backward(Tensor total)
    {
        if (Scale == 1)
        {
            total.backward();
            return;
        }
        using var scale = Scale.ToScalar();
        using var scaled = total.mul(scale);
        scaled.backward();
    }
}

/// <summary>What a step's backward pass came to, as plain numbers.</summary>
/// <param name="Total">The objective that was minimised; for <see cref="PcGrad"/> the sum of the losses.</param>
/// <param name="Losses">Each loss, before its weight.</param>
/// <param name="Weights">The weight of each loss in the gradient, d Total / d loss.</param>
public sealed record BalancedStep(double Total, IReadOnlyList<double> Losses, IReadOnlyList<double> Weights);

/// <summary>
/// Decides how much each loss of several counts, and runs the backward pass. One loss for each part of the objective's balancing
/// scheme; a loss of exactly 0 means that its task has no label in this batch, and teaches a balancer nothing about that task.
/// The class of a scheme is marked with its word and has a constructor that takes the objective and the run's seed. </summary>
public abstract class LossBalancer
{
    static readonly FrozenDictionary<string, Type> ByWord = Partners
        .Of<LossBalancer>()
        .Where(t => Partners.Word(t) is not null)
        .ToFrozenDictionary(t => Partners.Word(t)!);

    /// <summary>Weights that the optimizer learns along with the network; without weight decay, which would be a prior on
    /// them.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>The balancer of an objective: of its scheme, or fixed weights where it has none.</summary>
    /// <param name="seed">The run's seed; random schemes draw from (seed, step).</param>
    /// <exception cref="KeyNotFoundException">The runtime has no such scheme.</exception>
    public static LossBalancer Create(Objective objective, long seed) =>
        objective is Objective.Balanced balanced
            ? Partners.Make<LossBalancer>(ByWord[balanced.Scheme.Word], balanced, seed)
            : new FixedWeights();

    /// <summary>What is balanced: the parts of the scheme, or the whole objective where there is none.</summary>
    public static ImmutableArray<Objective> Parts(Objective objective) =>
        objective is Objective.Balanced balanced ? balanced.Parts : [objective];

    /// <summary>
    /// Runs the backward pass of all losses of a batch. Gradients must have been cleared before the step's first one; those of
    /// the others are added. After the last one the gradient is the sum over batches, whose mean the optimizer takes; only then
    /// may a scheme move weights of its own. </summary>
    /// <param name="losses">Differentiable scalars, one for each part, with the part's own factors in them.</param>
    public abstract BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context);

    /// <summary>Must be called after the last step of every epoch.</summary>
    public virtual void EndEpoch() { }

    /// <summary>Everything to be saved for an exact resume; <see cref="Load"/> takes it.</summary>
    public virtual IReadOnlyDictionary<string, double[]> State => ImmutableDictionary<string, double[]>.Empty;

    /// <exception cref="ArgumentException">The state is of another scheme or another number of losses.</exception>
    public virtual void Load(IReadOnlyDictionary<string, double[]> state) { }

    /// <summary>Backward of the losses' sum with constant weights.</summary>
    protected static BalancedStep BackwardWeighted(
        IReadOnlyList<Tensor> losses,
        IReadOnlyList<double> weights,
        BalancingContext context
    )
    {
        using var scope = NewDisposeScope();
        var total = losses.Select((loss, i) => weights[i] == 1 ? loss : loss * Held(weights[i])).Aggregate((a, b) => a.Plus(b));
        context.Backward(total);
        return new(total.item<float>(), Values(losses), weights);
    }

    protected static double[] Values(IReadOnlyList<Tensor> losses) => [.. losses.Select(loss => (double)loss.item<float>())];

    /// <summary>An entry of a saved state.</summary>
    protected static double[] Entry(IReadOnlyDictionary<string, double[]> state, string key, int length) =>
        state.TryGetValue(key, out var values) && values.Length == length
            ? values
            : throw new ArgumentException($"the saved state has no '{key}' of {length} numbers: it is of another loss statement");
}
