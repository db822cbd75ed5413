using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.LibTorch;

namespace Mtlc.Compiler.Planning;

/// <summary>What a program will take, before anything runs.</summary>
/// <param name="Work">A batch of crops, which is trained.</param>
/// <param name="Pictures">A batch of pictures, which are evaluated whole: as large as they are, or else as the crops, padded to
/// what the network divides by.</param>
/// <param name="Checkpoint">Bytes of the copy that is written beside training, from the first save on. 0 for a GPU's memory,
/// since it lies in the host's.</param>
/// <param name="Kept">What frozen encoders make of pictures that do not vary.</param>
/// <param name="MultiplyAdds">Of one forward pass of the training graph, as it is run, over the whole batch.</param>
public sealed record MemoryPlan(
    Workload Work,
    Workload Pictures,
    TrainingMemory Training,
    EvaluationMemory Evaluation,
    ProcessMemory BesideTraining,
    ProcessMemory BesideEvaluation,
    long Checkpoint,
    KeptPlan Kept,
    long MultiplyAdds
)
{
    /// <summary>Bytes of the whole process at the worst moment of a training step, while a checkpoint is written.</summary>
    public long TrainingPeak => BesideTraining.Bytes + Checkpoint + KeptBytes + Training.Peak;

    /// <summary>Bytes of features that a run keeps; 0 of a GPU's memory, since they lie in the host's.</summary>
    public long KeptBytes => BesideTraining == ProcessMemory.None ? 0 : Kept.Bytes;

    /// <summary>Bytes of the whole process at the worst moment of evaluation.</summary>
    public long EvaluationPeak => BesideEvaluation.Bytes + Evaluation.Peak;

    /// <summary>
    /// Bytes of the whole process at the worst moment of a run: of a step, or of the evaluation in between, which has its folded
    /// weights and its maps beside what training keeps. </summary>
    public long RunPeak =>
        Math.Max(
            TrainingPeak,
            BesideTraining.Bytes
                + Checkpoint
                + KeptBytes
                + Training.Parameters
                + Training.OptimizerState
                + Evaluation.Weights
                + Evaluation.Activations
        );

    /// <summary>Bytes of rendered scenes that a run keeps at most: about 2,000 of 128x256, or 500 of 256x512.</summary>
    public const long KeptScenes = 512L << 20;

    /// <summary>A batch that no machine holds: where the search for the largest one ends.</summary>
    public const int LargestBatch = 65_536;

    /// <param name="onGpu">Whether the memory asked for is a GPU's, in which only tensors lie.</param>
    /// <param name="threads">That compute together on the CPU.</param>
    /// <param name="pictureSize">Of the pictures that are evaluated, where the source does not say it; null: as large as the
    /// crops.</param>
    /// <param name="pictureCount">How many there are, of which a batch holds no more; null: enough.</param>
    /// <param name="trainingCount">How many there are to train with, where the source does not say it; null: not known.</param>
    public static MemoryPlan Of(
        CompiledProgram program,
        int batch,
        ImageSize size,
        bool onGpu = false,
        int threads = 2,
        ImageSize? pictureSize = null,
        int? pictureCount = null,
        int? trainingCount = null
    )
    {
        var (model, work) = (program.Model, new Workload(batch, size.Height, size.Width, threads));
        var whole = program.Data.Source is SyntheticRecipe source ? source.Size : pictureSize ?? size;
        var stride = OutputStrides.Of(model.Inference);
        var pictures = work with
        {
            Batch = Math.Min(batch, Math.Max(1, pictureCount ?? batch)),
            Height = (int)OutputStrides.Padded(whole.Height, stride),
            Width = (int)OutputStrides.Padded(whole.Width, stride),
        };
        var training = TrainingMemory.Of(
            model.TrainingStep,
            model.Tasks,
            program.Train.Optimizer,
            work,
            program.Train.Accumulate,
            Surgery(model.Objective)
        );
        return new(
            work,
            pictures,
            training,
            EvaluationMemory.Of(model.Inference, pictures),
            onGpu
                ? ProcessMemory.None
                : ProcessMemory.OfTraining(program.Data, work, program.Train.Accumulate, model.Maps.Sum(m => m.Channels)),
            onGpu ? ProcessMemory.None : ProcessMemory.OfEvaluation(program.Data.Source),
            onGpu ? 0 : training.Parameters + training.OptimizerState,
            KeptPlan.Of(
                program,
                size,
                program.Data.Source is SyntheticRecipe scenes ? scenes.Size : pictureSize,
                pictures,
                program.Data.Source is SyntheticRecipe train ? train.Scenes : trainingCount,
                program.Data.Source is SyntheticRecipe validation ? validation.ValidationScenes : pictureCount
            ),
            batch * model.TrainingStep.MultiplyAdds(size.Height, size.Width)
        );
    }

    static int Surgery(Objective objective) =>
        objective is Objective.Balanced { Scheme.KeepsGradients: true } scheme ? scheme.Parts.Length : 0;

    /// <summary>The largest batch whose run fits; 0 where not even one sample does.</summary>
    public static int Largest(
        CompiledProgram program,
        ImageSize size,
        long memory,
        bool onGpu = false,
        int threads = 2,
        ImageSize? pictureSize = null,
        int? pictureCount = null,
        int? trainingCount = null
    )
    {
        var (fits, fails) = (0, LargestBatch + 1);
        while (fails - fits > 1)
        {
            var middle = fits + (fails - fits) / 2;
            if (Of(program, middle, size, onGpu, threads, pictureSize, pictureCount, trainingCount).RunPeak <= memory)
                fits = middle;
            else
                fails = middle;
        }
        return fits;
    }
}
