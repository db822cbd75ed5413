using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Planning;

/// <summary>What a program will take, before anything runs.</summary>
/// <param name="Process">What a process of mtlc takes besides: libtorch, .NET, the kernels that they generate.</param>
/// <param name="MultiplyAdds">Of one forward pass of the training graph, as it is run, over the whole batch.</param>
public sealed record MemoryPlan(Workload Work, TrainingMemory Training, EvaluationMemory Evaluation, long Process, long MultiplyAdds)
{
    /// <summary>Bytes of the whole process at the worst moment of a training step.</summary>
    public long TrainingPeak => Process + Training.Peak;

    /// <summary>Bytes of the whole process at the worst moment of evaluation.</summary>
    public long EvaluationPeak => Process + Evaluation.Peak;

    // Measured (docs/performance.md) with the CPU's libtorch 2.10 on Linux, and much the same for any network.
    private const long ProcessOnLinux = 240L << 20;

    /// <summary>A batch that no machine holds: where the search for the largest one ends.</summary>
    public const int LargestBatch = 65_536;

    public static MemoryPlan Of(CompiledProgram program, int batch, ImageSize size)
    {
        var (model, work) = (program.Model, new Workload(batch, size.Height, size.Width));
        return new(
            work, TrainingMemory.Of(model.TrainingStep, model.Tasks, program.Train.Optimizer, work, program.Train.Accumulate),
            EvaluationMemory.Of(model.Inference, work), ProcessOnLinux,
            batch * model.TrainingStep.MultiplyAdds(size.Height, size.Width));
    }

    /// <summary>The largest batch whose training fits; 0 where not even one sample does.</summary>
    public static int Largest(CompiledProgram program, ImageSize size, long memory)
    {
        var (fits, fails) = (0, LargestBatch + 1);
        while (fails - fits > 1)
        {
            var middle = fits + (fails - fits) / 2;
            if (Of(program, middle, size).TrainingPeak <= memory)
                fits = middle;
            else
                fails = middle;
        }
        return fits;
    }
}
