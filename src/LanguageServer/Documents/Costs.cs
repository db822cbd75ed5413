using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>"23.4 M"</summary>
    public static string Count(long count) =>
        count switch
        {
            >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.0#} G"),
            >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.0#} M"),
            >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0} k"),
            _ => count.ToString("N0", CultureInfo.InvariantCulture),
        };

    /// <summary>"512 MiB"</summary>
    public static string Bytes(long bytes) =>
        bytes switch
        {
            >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB"),
            >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0} MiB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KiB"),
        };
}
