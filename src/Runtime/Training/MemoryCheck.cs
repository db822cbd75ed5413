using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Machine;

namespace Mtlc.Runtime.Training;

/// <summary>A run's plan held against the memory that it may use, before anything is allocated for it.</summary>
/// <param name="Plan">Of the recipe's batch and crop.</param>
/// <param name="Pictures">Those that the run evaluates.</param>
public sealed record MemoryCheck(CompiledProgram Program, MemoryPlan Plan, DeviceMemory Memory, ValidationPictures Pictures)
{
    /// <summary>The share of the memory from which on a run is warned: plans are right to a tenth
    /// (docs/performance.md).</summary>
    const double Near = 0.9;

    public static MemoryCheck Of(CompiledProgram program, DeviceMemory memory, ValidationPictures pictures) =>
        new(
            program,
            MemoryPlan.Of(
                program,
                program.Train.Batch,
                program.Data.Augment.Crop,
                memory.IsGpu,
                MachineLimits.Current.Cores,
                pictures.Size,
                pictures.Count,
                pictures.Training
            ),
            memory,
            pictures
        );

    public bool Fits => Plan.RunPeak <= Memory.Bytes;

    public bool IsNear => Plan.RunPeak > Near * Memory.Bytes;

    /// <summary>The largest batch that fits; 0 where none does.</summary>
    public int Largest =>
        MemoryPlan.Largest(
            Program,
            Program.Data.Augment.Crop,
            Memory.Bytes,
            Memory.IsGpu,
            MachineLimits.Current.Cores,
            Pictures.Size,
            Pictures.Count,
            Pictures.Training
        );

    /// <exception cref="NotEnoughMemoryException">It cannot fit.</exception>
    public void Require(Action<string>? warned)
    {
        if (!Fits)
            throw new NotEnoughMemoryException(
                $"{Work} would take {Amount.Bytes(Plan.RunPeak)}, and {Amount.Bytes(Memory.Bytes)} may be used ({Memory.SetBy})",
                Remedy
            );
        if (IsNear)
            warned?.Invoke(
                $"{Work} will take about {Amount.Bytes(Plan.RunPeak)} of the "
                    + $"{Amount.Bytes(Memory.Bytes)} that may be used ({Memory.SetBy})"
            );
    }

    string Work =>
        Plan.RunPeak > Plan.TrainingPeak
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"evaluating {Plan.Pictures.Batch} pictures of {Plan.Pictures.Height}x{Plan.Pictures.Width} at a time "
                    + $"while training"
            )
            : FormattableString.Invariant($"training with train.batch = {Plan.Work.Batch}");

    string Remedy =>
        Largest is > 0 and var largest
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the largest train.batch that fits is {largest} (train.accumulate makes steps as large); --no-memory-check "
                    + $"trains all the same"
            )
            : "not even train.batch = 1 fits: a smaller data.augment.crop or network needs less ('mtlc plan' tells what takes "
                + "how much); --no-memory-check trains all the same";
}

/// <summary>What is known of the pictures that a run evaluates.</summary>
/// <param name="Size">The largest of some; null where the program says it, or nothing is known.</param>
/// <param name="Count">How many there are; null where that is not known.</param>
/// <param name="Training">How many there are to train with; null where that is not known.</param>
public sealed record ValidationPictures(ImageSize? Size, int? Count, int? Training = null)
{
    /// <param name="data">null where they cannot be opened.</param>
    public static ValidationPictures Of(SourceRecipe source, IDataSource? data) =>
        new(
            data is null || source is SyntheticRecipe ? null : PictureSizes.Largest(data),
            data?.Count(Split.Validation),
            data?.Count(Split.Train)
        );
}

/// <summary>A run would need more memory than it may use; nothing was done.</summary>
/// <param name="help">What would fit.</param>
public sealed class NotEnoughMemoryException(string message, string help) : Exception(message)
{
    public string Help { get; } = help;
}
