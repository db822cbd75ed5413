using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Planning;

/// <summary>What a program will take, before anything runs.</summary>
/// <param name="MultiplyAdds">Of one forward pass of the training graph, as it is run, over the whole batch.</param>
public sealed record MemoryPlan(Workload Work, TrainingMemory Training, EvaluationMemory Evaluation, long MultiplyAdds)
{
    /// <summary>A batch that no machine holds: where the search for the largest one ends.</summary>
    public const int LargestBatch = 65_536;

    public static MemoryPlan Of(CompiledProgram program, int batch, ImageSize size)
    {
        var (model, work) = (program.Model, new Workload(batch, size.Height, size.Width));
        return new(
            work, TrainingMemory.Of(model.TrainingStep, model.Tasks, program.Train.Optimizer, work, program.Train.Accumulate),
            EvaluationMemory.Of(model.Inference, model.Training.Parameters, work),
            batch * model.TrainingStep.MultiplyAdds(size.Height, size.Width));
    }

    /// <summary>The largest batch whose training fits; 0 where not even one sample does.</summary>
    public static int Largest(CompiledProgram program, ImageSize size, long memory)
    {
        var (fits, fails) = (0, LargestBatch + 1);
        while (fails - fits > 1)
        {
            var middle = fits + (fails - fits) / 2;
            if (Of(program, middle, size).Training.Peak <= memory)
                fits = middle;
            else
                fails = middle;
        }
        return fits;
    }
}
