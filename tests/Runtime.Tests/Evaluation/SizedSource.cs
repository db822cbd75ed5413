using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Evaluation;

/// <summary><see cref="TinyRun.Blocks"/> to train on, and pictures of given sizes to validate: each pixel labelled but the last
/// of every picture.</summary>
sealed class SizedSource(params (int Height, int Width)[] sizes) : IDataSource
{
    readonly TinyRun.Blocks training = new();

    /// <summary>What becomes of a validation sample before it is handed out.</summary>
    public Func<Sample, Sample> Change { get; init; } = s => s;

    public DataContract Contract => training.Contract with { FixedSize = null };

    public int Count(Split split) => split == Split.Validation ? sizes.Length : training.Count(split);

    public string Name(Split split, int index) => FormattableString.Invariant($"{split}/{index}");

    public Sample Read(Split split, int index)
    {
        if (split != Split.Validation)
            return training.Read(split, index);
        var (height, width) = sizes[index];
        var pixels = height * width;
        var random = new Random(index);
        var (rgb, classes, depth) = (new byte[3 * pixels], new byte[pixels], new float[pixels]);
        random.NextBytes(rgb);
        for (var p = 0; p < pixels; p++)
            (classes[p], depth[p]) = p == pixels - 1 ? ((byte)255, float.NaN) : ((byte)(p % 3), 5 + p % 7);
        return Change(new(Name(split, index), height, width, rgb, classes, depth));
    }
}
