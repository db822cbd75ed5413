using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>Of a map beside the picture, a number a channel, over all pixels that have one.</summary>
public sealed record MapStatistics(ImmutableArray<double> Mean, ImmutableArray<double> Deviation)
{
    /// <summary>Puts what was measured in place of the numbers that maps start with, where the program does not give
    /// them.</summary>
    public static void Set(ParameterStore parameters, Model model, TrainingStatistics statistics)
    {
        foreach (var map in model.Maps.Where(m => m.IsMeasured && parameters.Find($"{m.Name}.mean") is not null))
        {
            if (statistics.Maps?.GetValueOrDefault(map.Name) is not { } measured)
                continue;
            using var scope = NewDisposeScope();
            parameters.Set($"{map.Name}.mean", Numbers(measured.Mean));
            parameters.Set($"{map.Name}.deviation", Numbers(measured.Deviation));
        }
    }

    static Tensor Numbers(ImmutableArray<double> values) => tensor(values.Select(v => (float)v).ToArray());
}
