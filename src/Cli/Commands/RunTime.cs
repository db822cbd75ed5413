using System.Globalization;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Cli.Commands;

/// <summary>How long training will take, from the time of a step; an epoch's steps are known where the data can be opened.</summary>
internal sealed class RunTime
{
    private readonly int epochs;
    private readonly string unknown = "";

    /// <param name="step">Seconds of one step; null where none was timed.</param>
    public RunTime(CompiledProgram program, int batch, double? step)
    {
        (Step, epochs) = (step, program.Train.Epochs);
        if (step is null)
            return;
        try
        {
            Epoch = step * (DataSources.Open(program.Data.Source).Count(Split.Train) / (batch * program.Train.Accumulate));
        }
        catch (Exception e) when (e is DataException or IOException)
        {
            unknown = e.Message;
        }
    }

    public double? Step { get; }

    public double? Epoch { get; }

    public double? Run => Epoch * epochs;

    public override string ToString() => Step is not { } step ? "no step was timed"
        : Epoch is not { } epoch
            ? string.Create(CultureInfo.InvariantCulture, $"a step takes {Quantity.Figures(step, 3)} s here, without reading data; an epoch is not known: {unknown}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"a step takes {Quantity.Figures(step, 3)} s here, without reading data; an epoch {Quantity.Duration(TimeSpan.FromSeconds(epoch))}, "
                + $"training of {epochs} epochs {Quantity.Duration(TimeSpan.FromSeconds(epoch * epochs))}, without evaluating");
}
