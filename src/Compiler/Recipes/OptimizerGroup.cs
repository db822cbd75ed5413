using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Recipes;

/// <summary>Parameters that an optimizer treats alike.</summary>
/// <param name="Rate">Times the learning rate of the moment.</param>
/// <param name="WeightDecay">In place of the optimizer's.</param>
public sealed record OptimizerGroup(double Rate, double WeightDecay, ImmutableArray<Parameter> Parameters)
{
    public long Count => Parameters.Sum(p => p.Count);

    /// <summary>The trained parameters of a graph, in groups in the order of their first; one group where all are
    /// alike.</summary>
    public static ImmutableArray<OptimizerGroup> Of(Graph graph, TrainRecipe recipe) =>
        [
            .. graph
                .Parameters.Where(p => p.IsTrainable)
                .GroupBy(p => (p.Group.Rate, Decay: Decay(p, recipe)))
                .Select(g => new OptimizerGroup(g.Key.Rate, g.Key.Decay, [.. g])),
        ];

    static double Decay(Parameter parameter, TrainRecipe recipe)
    {
        var spared = parameter.Role switch
        {
            ParameterRole.Norm => recipe.Decay is DecayRule.ExceptNorms or DecayRule.ExceptNormsAndBiases,
            ParameterRole.Bias => recipe.Decay is DecayRule.ExceptBiases or DecayRule.ExceptNormsAndBiases,
            _ => false,
        };
        return spared ? 0 : parameter.Group.WeightDecay ?? recipe.Optimizer.WeightDecay;
    }
}
