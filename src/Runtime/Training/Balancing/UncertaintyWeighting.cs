using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>Which likelihood a loss is the logarithm of.</summary>
public enum UncertaintyKind
{
    /// <summary>1 / (2 sigma^2) loss + log sigma.</summary>
    Regression,

    /// <summary>1 / sigma^2 loss + log sigma.</summary>
    Classification,
}

/// <summary>
/// Homoscedastic uncertainty (Kendall, Gal and Cipolla 2018): with s = log sigma^2 learnt for each task from 0 on, the objective
/// is the sum of exp(-s) loss + s / 2, where a regression's loss is halved. The logarithm keeps the variance positive and the
/// division stable. </summary>
[Word("uncertainty")]
public sealed class UncertaintyWeighting(IReadOnlyList<UncertaintyKind> kinds) : LossBalancer
{
    public UncertaintyWeighting(Objective.Balanced objective, long seed)
        : this([.. objective.Parts.Select(Likelihood)]) { }

    const string Key = "uncertainty.log_variance";

    readonly Parameter[] logVariances = [.. kinds.Select(_ => new Parameter(zeros(1), requires_grad: true))];

    public override IReadOnlyList<Parameter> Parameters => logVariances;

    public override BalancedStep Backward(IReadOnlyList<Tensor> losses, BalancingContext context)
    {
        using var scope = NewDisposeScope();
        var values = Values(losses);
        var terms = new List<Tensor>();
        var weights = new double[losses.Count];
        for (var i = 0; i < losses.Count; i++)
        {
            var scale = kinds[i] == UncertaintyKind.Regression ? 0.5 : 1;
            var s = logVariances[i].to(losses[i].device).squeeze();
            // Without labels in the batch the term s / 2 alone would drive the variance to zero.
            terms.Add(values[i] == 0 ? losses[i].Plus(s * Held(0)) : (Held(scale) * (-s).exp() * losses[i]).Plus(s / Held(2)));
            weights[i] = scale * Math.Exp(-s.item<float>());
        }
        var total = terms.Aggregate((a, b) => a.Plus(b));
        context.Backward(total);
        return new(total.item<float>(), values, weights);
    }

    // Kendall et al.: errors of values are a Gaussian's (or Laplace's) log-likelihood, the others a softmax's.
    static UncertaintyKind Likelihood(Objective part) =>
        part.Terms.All(term => term.Loss.Fits == TargetForm.Values) ? UncertaintyKind.Regression : UncertaintyKind.Classification;

    public override IReadOnlyDictionary<string, double[]> State =>
        new Dictionary<string, double[]> { [Key] = [.. logVariances.Select(s => (double)s.item<float>())] };

    public override void Load(IReadOnlyDictionary<string, double[]> state)
    {
        var saved = Entry(state, Key, logVariances.Length);
        using var gradients = no_grad();
        for (var i = 0; i < saved.Length; i++)
            logVariances[i].fill_(Held((float)saved[i]));
    }
}
