using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Planning;

/// <summary>What a program will take, before anything runs.</summary>
/// <param name="Process">What a process of mtlc takes besides: libtorch, .NET, the kernels that they generate. 0 for a GPU's memory.</param>
/// <param name="Data">Rendered scenes that are kept, and what reading, warping, drawing and logging take in a run. 0 for a GPU's memory.</param>
/// <param name="Checkpoint">The copy that is written beside training, from the first save on. 0 for a GPU's memory, since it lies in the host's.</param>
/// <param name="MultiplyAdds">Of one forward pass of the training graph, as it is run, over the whole batch.</param>
public sealed record MemoryPlan(Workload Work, TrainingMemory Training, EvaluationMemory Evaluation, long Process, long Data, long Checkpoint, long MultiplyAdds)
{
    /// <summary>Bytes of the whole process at the worst moment of a training step, while a checkpoint is written.</summary>
    public long TrainingPeak => Process + Data + Checkpoint + Training.Peak;

    /// <summary>Bytes of the whole process at the worst moment of evaluation.</summary>
    public long EvaluationPeak => Process + Data + Evaluation.Peak;

    // Measured (docs/performance.md) with the CPU's libtorch 2.10 on Linux, 225 to 280 MiB for any network, and 85 to 145 MiB in
    // runs beside scenes that are kept: the only numbers here that are not counted.
    private const long ProcessOnLinux = 245L << 20, Around = 120L << 20;

    /// <summary>Bytes of rendered scenes that a run keeps at most: about 2,000 of 128x256, or 500 of 256x512.</summary>
    public const long KeptScenes = 512L << 20;

    /// <summary>A batch that no machine holds: where the search for the largest one ends.</summary>
    public const int LargestBatch = 65_536;

    /// <param name="onGpu">Whether the memory asked for is a GPU's, in which only tensors lie.</param>
    public static MemoryPlan Of(CompiledProgram program, int batch, ImageSize size, bool onGpu = false)
    {
        var (model, work) = (program.Model, new Workload(batch, size.Height, size.Width));
        var training = TrainingMemory.Of(model.TrainingStep, model.Tasks, program.Train.Optimizer, work, program.Train.Accumulate);
        return new(
            work, training, EvaluationMemory.Of(model.Inference, work), onGpu ? 0 : ProcessOnLinux, onGpu ? 0 : Around + Scenes(program.Data.Source), onGpu ? 0 : training.Parameters + training.OptimizerState,
            batch * model.TrainingStep.MultiplyAdds(size.Height, size.Width));
    }

    // Eight bytes a pixel: colours, class, depth; an eighth as many for validation.
    private static long Scenes(SourceRecipe source) =>
        source is SyntheticRecipe s ? Math.Min(KeptScenes, s.Scenes * 9L / 8 * s.Size.Height * s.Size.Width * 8) : 0;

    /// <summary>The largest batch whose training fits; 0 where not even one sample does.</summary>
    public static int Largest(CompiledProgram program, ImageSize size, long memory, bool onGpu = false)
    {
        var (fits, fails) = (0, LargestBatch + 1);
        while (fails - fits > 1)
        {
            var middle = fits + (fails - fits) / 2;
            if (Of(program, middle, size, onGpu).TrainingPeak <= memory)
                fits = middle;
            else
                fails = middle;
        }
        return fits;
    }
}
