using Mtlc.Compiler;

namespace Mtlc.Runtime.Training;

/// <summary>The training loop.</summary>
public static class Trainer
{
    /// <summary>Trains a program, evaluates it each epoch, and writes the run directory.</summary>
    public static TrainingResult Run(CompiledProgram program, TrainOptions options, TrainingEvents? events = null) =>
        throw new NotSupportedException($"training {program.Model.Name} into {options.Directory} {events}");
}
