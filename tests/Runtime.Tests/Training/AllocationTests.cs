using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Runtime.Training.Schedules;
using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Tests.Training;

/// <summary>How many tensors managed code makes: each costs about a microsecond and, where it is kept too long, memory.</summary>
public class AllocationTests
{
    static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../examples"));

    static CompiledProgram Example(string name)
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine(Folder(), path)));
        return Compilation.Compile(Open(name)!, Open).Program!;
    }

    [Fact]
    public async Task Tensors_made_by_a_step_and_by_a_prediction()
    {
        Assert.SkipUnless(FusedConvolution.IsAvailable, "elsewhere convolutions take several operations");
        var text = new StringBuilder(
            "tensors made by managed code: a training step; a prediction after the first; alive afterwards\n"
        );
        foreach (var name in (string[])["baseline.mtl", "branched.mtl", "full.mtl"])
        {
            var program = Example(name);
            var classes = program.Model.Tasks.OfType<ClassTask>().Max(t => t.Classes);
            var statistics = TinyStatistics(classes);
            using var session = new TrainingSession(program, statistics, CPU);
            using var batch = new Batch(
                [],
                rand(2, 3, 64, 64),
                randint(0, classes, [2, 64, 64], ScalarType.Int64),
                rand(2, 1, 64, 64).mul_(Held(50)).PlusInPlace(1)
            );
            void Train() => session.Step([batch.Alias()], new SchedulePosition(0, 10, 1));
            void Predict()
            {
                foreach (var prediction in session.Inference.forward(batch.Image).Values)
                    prediction.Dispose();
            }
            Train();
            var (step, left) = Made(Train);
            Predict();
            var (prediction, kept) = Made(Predict);
            text.Append(CultureInfo.InvariantCulture, $"{name}: {step}; {prediction}; {left + kept}\n");
        }
        await Verify(text.ToString());
    }

    static TrainingStatistics TinyStatistics(int classes) =>
        new(
            [.. Enumerable.Range(0, classes).Select(i => $"{i}")],
            0,
            Enum.GetValues<DepthUnit>().ToDictionary(u => u, _ => new DepthStatistics(20, 10, 1, 100)).ToImmutableDictionary(),
            20,
            [0, 0, 1]
        );

    static (long Made, long Left) Made(Action action)
    {
        var statistics = DisposeScopeManager.Statistics;
        var (before, alive) = (
            statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount,
            statistics.ThreadTotalLiveCount
        );
        action();
        return (
            statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount - before,
            statistics.ThreadTotalLiveCount - alive
        );
    }
}
