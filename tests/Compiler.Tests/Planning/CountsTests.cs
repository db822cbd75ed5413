using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Mtlc.Compiler;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Planning;

/// <summary>What speed depends on and no machine changes: a regression shows as a changed line.</summary>
public class CountsTests
{
    static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../examples"));

    static IEnumerable<string> Examples =>
        Directory
            .GetFiles(Folder(), "*.mtl")
            .Select(p => Path.GetFileName(p))
            .Where(n => n != "recipe.mtl")
            .Order(StringComparer.Ordinal);

    static CompiledProgram? Example(string name)
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine(Folder(), path)));
        return Compilation.Compile(Open(name)!, Open).Program;
    }

    [Fact]
    public async Task Counts_of_the_examples()
    {
        var text = new StringBuilder(
            "one picture of 128x256; operations, multiply-adds and bytes alive at once after each pass; peak bytes of a step "
                + "of batch 2\n"
        );
        var size = new ImageSize(128, 256);
        foreach (var name in Examples)
        {
            if (Example(name) is not { } program)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"\n{name}\n");
            foreach (
                var (phase, reports) in new[]
                {
                    ("train", PassReport.OfTraining(program.Model, program.Train.Precision, size)),
                    ("infer", PassReport.OfInference(program.Model, size)),
                }
            )
            {
                foreach (var report in reports)
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $"  {phase} {report.Pass}: {report.Nodes}, {report.MultiplyAdds:N0}, {report.PeakBytes:N0}\n"
                    );
            }
            var plan = MemoryPlan.Of(program, 2, size);
            text.Append(
                CultureInfo.InvariantCulture,
                $"  plan: training {plan.TrainingPeak:N0}, evaluation {plan.EvaluationPeak:N0}\n"
            );
        }
        await Verify(text.ToString());
    }

    [Fact]
    public void Every_pass_of_the_examples_leaves_no_more_arithmetic()
    {
        foreach (var program in Examples.Select(Example).OfType<CompiledProgram>())
        {
            var reports = PassReport.OfInference(program.Model, new(256, 512));
            Assert.All(
                reports.Zip(reports.Skip(1)),
                pair => Assert.True(pair.Second.MultiplyAdds <= pair.First.MultiplyAdds, pair.Second.Pass)
            );
        }
    }

    [Fact]
    public void Accumulating_costs_the_gradients_that_wait_and_no_more()
    {
        var program = Example("branched.mtl")!;
        var size = new ImageSize(128, 256);
        TrainingMemory Memory(int batch, int accumulate) =>
            MemoryPlan.Of(program with { Train = program.Train with { Accumulate = accumulate } }, batch, size).Training;
        Assert.Equal(Memory(2, 2).Peak, Memory(2, 8).Peak);
        Assert.InRange(Memory(8, 2).Peak - Memory(8, 1).Peak, 1, 3 * Memory(8, 1).Gradients);
        Assert.True(Memory(2, 4).Peak < Memory(8, 1).Peak);
    }

    [Fact]
    public void A_recomputed_statement_keeps_what_it_reads_alone()
    {
        SourceText? Open(string path) => new(path, File.ReadAllText(Path.Combine(Folder(), path)));
        var size = new ImageSize(256, 256);
        TrainingMemory Memory(params string[] sets) =>
            MemoryPlan.Of(Compilation.Compile(Open("branched.mtl")!, Open, sets).Program!, 8, size).Training;
        var (plain, one, all) = (
            Memory(),
            Memory("trunk.recompute=true"),
            Memory([
                .. new[] { "trunk", "semseg_context", "depth_context", "semseg_head", "depth_head" }.Select(b =>
                    $"{b}.recompute=true"
                ),
            ])
        );
        Assert.True(plain.Peak > one.Peak && one.Peak > all.Peak, $"{plain.Peak} {one.Peak} {all.Peak}");
        Assert.True(plain.Saved > one.Saved);
        // The maps that the heads read: 512 x 16 x 16 and 64 x 64 x 64, eight times, in float32.
        Assert.Equal(4L * 8 * (512 * 16 * 16 + 64 * 64 * 64), one.ByDeclaration["trunk"]);
        Assert.Equal(plain.Gradients, all.Gradients);
    }

    [Fact]
    public void The_largest_batch_is_the_last_that_fits()
    {
        var program = Example("branched.mtl")!;
        var size = new ImageSize(128, 128);
        var memory = 4L << 30;
        var largest = MemoryPlan.Largest(program, size, memory);
        Assert.True(largest > 1);
        Assert.True(MemoryPlan.Of(program, largest, size).RunPeak <= memory);
        Assert.True(MemoryPlan.Of(program, largest + 1, size).RunPeak > memory);
        Assert.Equal(0, MemoryPlan.Largest(program, size, 1 << 20));
    }
}
