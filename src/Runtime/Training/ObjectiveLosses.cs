using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch.Losses;
using Mtlc.Runtime.Training.Balancing;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training;

/// <summary>The losses of a step.</summary>
/// <param name="Parts">What is balanced: differentiable, weighted as the program says.</param>
/// <param name="Terms">Each loss of the program before any weight, in its order; still on the device, for reading a number waits
/// for it.</param>
public sealed record StepLosses(IReadOnlyList<Tensor> Parts, ImmutableArray<Tensor> Terms)
{
    /// <summary>The terms as numbers: waits until they are computed.</summary>
    public double[] ReadTerms()
    {
        using var all = stack(Terms);
        using var here = all.cpu();
        return [.. here.data<float>().Select(value => (double)value)];
    }
}

/// <summary>Evaluates a model's `loss` statement on a batch.</summary>
public sealed class ObjectiveLosses(Model model, TaskTargets targets)
{
    readonly ImmutableArray<Objective> parts = LossBalancer.Parts(model.Objective);

    /// <summary>A name for each term: its task's, or the loss as written where a task has several.</summary>
    public ImmutableArray<string> Names { get; } = NamesOf([.. model.Objective.Terms]);

    /// <param name="outputs">Predictions of the training graph by name.</param>
    public StepLosses Compute(IReadOnlyDictionary<string, Tensor> outputs, Batch batch)
    {
        var labels = new Dictionary<string, Tensor>();
        var terms = ImmutableArray.CreateBuilder<Tensor>();
        var losses = parts.Select(Evaluate).ToArray();
        return new(losses, terms.ToImmutable());

        Tensor Evaluate(Objective objective)
        {
            switch (objective)
            {
                case Objective.Term term:
                    var loss = Mean(term);
                    terms.Add(loss.detach());
                    return loss;
                case Objective.Scaled scaled:
                    return Evaluate(scaled.Inner) * Held(scaled.Weight);
                case Objective.Sum sum:
                    return sum.Parts.Select(Evaluate).ToArray().Aggregate((a, b) => a.Plus(b));
                default:
                    throw new NotSupportedException("a balancing scheme must be the whole objective");
            }
        }

        // Several predictions of a task are deep supervision: the mean of their losses.
        Tensor Mean(Objective.Term term)
        {
            var task = model.Task(term.Task);
            if (!labels.TryGetValue(task.Name, out var label))
                labels[task.Name] = label = targets.Target(task, batch);
            var all = term
                .Outputs.Select(o => PixelLoss.Of(term.Loss).Compute(outputs[o], label, (task as ClassTask)?.Ignore))
                .ToArray();
            return all.Length == 1 ? all[0] : all.Aggregate((a, b) => a.Plus(b)) / Held(all.Length);
        }
    }

    static ImmutableArray<string> NamesOf(ImmutableArray<Objective.Term> terms)
    {
        return
        [
            .. terms.Select(
                (term, i) =>
                {
                    var sameTask = terms.Count(t => t.Task == term.Task);
                    var sameLoss = terms.Count(t => t.Task == term.Task && t.Loss == term.Loss);
                    return sameTask == 1 ? term.Task
                        : sameLoss == 1 ? $"{term.Loss.Word}({term.Task})"
                        : FormattableString.Invariant($"{term.Loss.Word}({string.Join("+", term.Outputs)})#{i + 1}");
                }
            ),
        ];
    }
}
