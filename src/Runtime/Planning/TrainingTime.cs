using Mtlc.Compiler;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Planning;

/// <summary>How long training will take, from the time of a step; an epoch's steps are known where the data can be
/// opened.</summary>
/// <param name="Step">Seconds of one step; null where none was timed.</param>
/// <param name="Epoch">Seconds; null where it is not known.</param>
/// <param name="Epochs">Of the whole training.</param>
/// <param name="Unknown">Why the data cannot be opened.</param>
public sealed record TrainingTime(double? Step, double? Epoch, int Epochs, string Unknown = "")
{
    /// <summary>Seconds of the whole training, without evaluations.</summary>
    public double? Run => Epoch * Epochs;

    public static TrainingTime Of(CompiledProgram program, int batch, double? step)
    {
        if (step is null)
            return new(null, null, program.Train.Epochs);
        try
        {
            var steps = DataSources.Open(program.Data.Source).Count(Split.Train) / (batch * program.Train.Accumulate);
            return new(step, step * steps, program.Train.Epochs);
        }
        catch (Exception e) when (e is DataException or IOException)
        {
            return new(step, null, program.Train.Epochs, e.Message);
        }
    }
}
