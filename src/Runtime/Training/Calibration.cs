using System.Collections.Immutable;
using System.Diagnostics;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Training.Schedules;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training;

/// <summary>A few training steps on noise, to learn what they cost here.</summary>
public static class Calibration
{
    // The first step allocates, and chooses kernels.
    const int Warmup = 1,
        Timed = 3;

    /// <returns>The median time of a step, without reading data.</returns>
    public static double SecondsPerStep(CompiledProgram program, int batch, ImageSize size, Device device)
    {
        Torch.TorchRuntime.Start();
        var classes = program.Model.Tasks.OfType<ClassTask>().Select(t => t.Classes).DefaultIfEmpty(1).Max();
        var metres = new DepthStatistics(20, 10, 1, 100);
        var statistics = new TrainingStatistics(
            TrainingStatistics.NamesOf([], classes),
            0,
            Enum.GetValues<DepthUnit>().ToImmutableDictionary(u => u, _ => metres),
            20,
            [0, 0, 1]
        );
        using var session = new TrainingSession(program, statistics, device);
        using var noise = new Batch(
            [],
            randn(batch, program.Model.InputChannels, size.Height, size.Width, device: device),
            randint(0, classes, [batch, size.Height, size.Width], ScalarType.Int64, device),
            (rand(batch, 1, size.Height, size.Width, device: device) * Held(50)).Plus(1)
        );
        var times = new double[Timed];
        for (var i = -Warmup; i < Timed; i++)
        {
            var start = Stopwatch.GetTimestamp();
            session.Step(
                Enumerable.Range(0, program.Train.Accumulate).Select(_ => noise.Alias()),
                new SchedulePosition(i + Warmup, Warmup + Timed, program.Train.Epochs)
            );
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return times.Order().ElementAt(Timed / 2);
    }
}
