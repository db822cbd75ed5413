using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Planning;

/// <summary>What a process of mtlc takes besides large tensors, in bytes: the only numbers of a plan that are measured and not
/// counted.</summary>
/// <param name="Process">libtorch, .NET, the kernels that they generate.</param>
/// <param name="Data">Rendered scenes that are kept, examples that are read ahead, and what reading, warping, scoring, drawing
/// and logging take in a run.</param>
public sealed record ProcessMemory(long Process, long Data)
{
    // With the CPU's libtorch 2.10 on Linux (docs/performance.md). Derivatives bring more of the library into memory than
    // evaluation does.
    const long Training = 245L << 20,
        Evaluation = 220L << 20,
        AroundTraining = 120L << 20,
        AroundEvaluation = 50L << 20;

    // A pixel: colours in float32, class, depth.
    const long BytesOfExample = 12 + 1 + 4;

    /// <summary>Of a GPU's memory.</summary>
    public static ProcessMemory None { get; } = new(0, 0);

    public long Bytes => Process + Data;

    /// <param name="maps">Channels of what is read beside the picture.</param>
    public static ProcessMemory OfTraining(DataRecipe data, Workload work, int accumulate, int maps) =>
        new(
            Training,
            AroundTraining
                + Scenes(data.Source, 9)
                + data.Ahead(work.Threads, (long)work.Batch * accumulate) * work.Height * work.Width * (BytesOfExample + 4 * maps)
        );

    public static ProcessMemory OfEvaluation(SourceRecipe source) => new(Evaluation, AroundEvaluation + Scenes(source, 1));

    // Eight bytes a pixel: colours, class, depth. Training has them all, evaluation those for validation, which are an eighth as
    // many.
    static long Scenes(SourceRecipe source, int eighths) =>
        source is SyntheticRecipe s
            ? Math.Min(MemoryPlan.KeptScenes, (long)s.Scenes * eighths / 8 * s.Size.Height * s.Size.Width * 8)
            : 0;
}
