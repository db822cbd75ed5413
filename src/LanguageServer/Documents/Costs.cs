using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;

namespace Mtlc.LanguageServer.Documents;

/// <summary>What a model takes, by the recipe's batch and crop.</summary>
/// <param name="MultiplyAdds">Of one forward pass over one crop.</param>
/// <param name="TrainingPeak">Bytes of the whole process.</param>
/// <param name="Saved">Bytes that each statement keeps for the backward pass.</param>
public sealed record Costs(
    int Batch,
    ImageSize Crop,
    long Parameters,
    long MultiplyAdds,
    long TrainingPeak,
    long EvaluationPeak,
    ImmutableSortedDictionary<string, long> Saved
)
{
    public static Costs Of(CompiledProgram program)
    {
        var crop = program.Data.Augment.Crop;
        var plan = MemoryPlan.Of(program, program.Train.Batch, crop);
        return new(
            program.Train.Batch,
            crop,
            program.Model.Training.TrainableCount,
            program.Model.Training.MultiplyAdds(crop.Height, crop.Width),
            plan.TrainingPeak,
            plan.EvaluationPeak,
            plan.Training.ByDeclaration
        );
    }

    /// <summary>The statement's share of what training keeps, in percent.</summary>
    public double ShareOf(string statement) =>
        Saved.Values.Sum() is > 0 and var all ? 100.0 * Saved.GetValueOrDefault(statement) / all : 0;
}
