using Mtlc.Compiler.Recipes;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training.Optimizers;

/// <summary>
/// SGD with momentum (Sutskever et al. 2013), Adam (Kingma and Ba 2015), AdamW (Loshchilov and Hutter 2019) as in torch.optim,
/// fused. The state is a plain dictionary of tensors by parameter name, so that saving and resuming are copies. </summary>
public sealed class Optimizer : IDisposable
{
    readonly OptimizerRecipe recipe;
    readonly string[] names;
    readonly Tensor[] parameters;
    readonly IReadOnlyList<OptimizerGroup> groups;
    readonly int[] groupOf;
    readonly OrderedDictionary<string, Tensor[]> slots = [];

    /// <param name="parameters">What is updated in place; replace or move them before, never after.</param>
    /// <param name="groups">Each parameter's, by its name; none: all are treated as the recipe says.</param>
    public Optimizer(
        OptimizerRecipe recipe,
        IEnumerable<(string Name, Tensor Value)> parameters,
        IReadOnlyList<OptimizerGroup>? groups = null
    )
    {
        this.recipe = recipe;
        (names, this.parameters) = (parameters.Select(p => p.Name).ToArray(), parameters.Select(p => p.Value).ToArray());
        this.groups = groups is { Count: > 0 } ? groups : [new(1, recipe.WeightDecay, [])];
        var known = this.groups.SelectMany((g, i) => g.Parameters.Select(p => (p.Name, i))).ToDictionary(p => p.Name, p => p.i);
        groupOf = Array.ConvertAll(names, name => known.GetValueOrDefault(name));
        string[] kinds = recipe switch
        {
            AdamRecipe or AdamWRecipe => ["exp_avg", "exp_avg_sq", "step"],
            SgdRecipe { Momentum: > 0 } => ["momentum_buffer"],
            SgdRecipe => [],
            _ => throw new NotSupportedException($"there is no optimizer for {recipe.GetType().Name}"),
        };
        using var gradients = no_grad();
        foreach (var kind in kinds)
            slots[kind] = Array.ConvertAll(
                this.parameters,
                p => (kind == "step" ? zeros([], device: p.device) : zeros_like(p)).DetachFromDisposeScope()
            );
    }

    public IReadOnlyList<Tensor> Parameters => parameters;

    /// <summary>"PARAMETER/SLOT" and its value, in the order of the parameters; a parameter's name has no slash.</summary>
    public IEnumerable<(string Name, Tensor Value)> State =>
        names.SelectMany((name, i) => slots.Select(slot => ($"{name}/{slot.Key}", slot.Value[i])));

    /// <summary>One update of the parameters that have a gradient.</summary>
    /// <param name="learningRate">Of the moment; each group multiplies it by its own.</param>
    public void Step(StepGradients gradients, double learningRate)
    {
        var reached = gradients.Indices.Zip(gradients.Values).ToLookup(g => groupOf[g.First]);
        foreach (var (number, group) in groups.Index())
        {
            int[] indices = [.. reached[number].Select(g => g.First)];
            if (indices.Length > 0)
                Update(indices, [.. reached[number].Select(g => g.Second)], learningRate * group.Rate, group.WeightDecay);
        }
    }

    void Update(int[] indices, Tensor[] gradients, double learningRate, double decay)
    {
        Tensor[] Reached(Tensor[] all) => indices.Length == all.Length ? all : Array.ConvertAll(indices, i => all[i]);
        Tensor[] Slot(string kind) => Reached(slots[kind]);
        var values = Reached(parameters);
        using var result = recipe switch
        {
            AdamRecipe a => FusedKernels.Invoke(
                "adam",
                values,
                gradients,
                Slot("exp_avg"),
                Slot("exp_avg_sq"),
                Slot("step"),
                learningRate,
                a.Beta1,
                a.Beta2,
                decay,
                a.Eps
            ),
            AdamWRecipe a => FusedKernels.Invoke(
                "adamw",
                values,
                gradients,
                Slot("exp_avg"),
                Slot("exp_avg_sq"),
                Slot("step"),
                learningRate,
                a.Beta1,
                a.Beta2,
                decay,
                a.Eps
            ),
            SgdRecipe { Momentum: > 0 } s => FusedKernels.Invoke(
                "sgd_momentum",
                values,
                gradients,
                Slot("momentum_buffer"),
                learningRate,
                s.Momentum,
                decay,
                s.Nesterov
            ),
            _ => FusedKernels.Invoke("sgd", values, gradients, learningRate, decay),
        };
    }

    /// <summary>Overwrites the state with what <see cref="State"/> of the same parameters and recipe had.</summary>
    /// <exception cref="Files.RunException">Something is missing, too much, or has another shape; the message lists
    /// it.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        Checkpoints.StateDifferences.Require("the optimizer's state", State, state);
        using var gradients = no_grad();
        foreach (var (name, value) in State)
            value.copy_(state[name]);
    }

    public void Dispose()
    {
        foreach (var tensor in slots.Values.SelectMany(s => s))
            tensor.Dispose();
    }
}
