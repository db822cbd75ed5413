using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Passes;

public class MixedPrecisionTests
{
    static Graph Step(string precision, string example = "branched")
    {
        var folder = Path.Combine(Programs.Root, "examples");
        var compiled = Mtlc.Compiler.Compilation.Compile(
            Programs.Read(Path.Combine(folder, example + ".mtl")),
            Programs.Imports(folder),
            [$"train.precision={precision}"]
        );
        return Programs.Valid(compiled).Model.TrainingStep;
    }

    public static TheoryData<string> Examples => new(Programs.Examples());

    [Theory]
    [MemberData(nameof(Examples))]
    public void Convolutions_are_low_and_what_adds_up_is_float32(string example)
    {
        var graph = Step("bf16", example);
        Verifier.Check(graph, "the test");
        Assert.All(graph.Nodes.Where(n => n.Op is Conv), n => Assert.Equal(Precision.Bf16, n.Precision));
        Assert.All(
            graph.Nodes.Where(n => n.Op is Conv),
            n => Assert.All(n.Parameters, p => Assert.IsType<Derivation.Rounded>(p.Derivation))
        );
        Assert.All(
            graph.Nodes.Where(n => n.Op is Softmax or GlobalAvgPool or Resize or ResizeLike or ShiftedResize),
            n => Assert.Equal(Precision.Float32, n.Precision)
        );
        Assert.All(graph.Outputs, o => Assert.Equal(Precision.Float32, o.Value.Precision));
        // One cast for all readers, and none of what is so already.
        var casts = graph.Nodes.Where(n => n.Op is Cast).ToList();
        Assert.All(casts, n => Assert.NotEqual(n.Precision, n.Inputs[0].Precision));
        Assert.Equal(casts.Count, casts.DistinctBy(n => (n.Inputs[0], n.Precision)).Count());
    }

    [Fact]
    public void Float32_is_the_graph_without_the_pass_and_stored_parameters_are_the_same()
    {
        var plain = Programs.Example("branched").TrainingStep;
        Assert.Equal(TextDump.Write(plain), TextDump.Write(Step("float32")));
        Assert.Equal(
            plain.Parameters.Select(p => p.ToString()).Order(),
            Step("fp16").Parameters.Select(p => p.ToString()).Order()
        );
        var dump = TextDump.Write(Step("fp16"));
        Assert.Contains("trunk.conv1:fp16 = cast(image, to: fp16): 3 x H x W\n", dump, StringComparison.Ordinal);
        Assert.Contains("  trunk.conv1.weight:fp16 [64, 3, 7, 7] = trunk.conv1.weight in fp16\n", dump, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_that_is_none_is_refused()
    {
        var text =
            "train { precision: fp8 }\n"
            + File.ReadAllText(Path.Combine(Programs.Root, "examples", "baseline.mtl")).Replace("import \"recipe.mtl\"", "");
        var error = Assert.Single(Programs.Compile(text).Diagnostics, d => d.Severity == Mtlc.Dsl.Diagnostics.Severity.Error);
        Assert.Contains("precision", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_mixes_formats_or_predicts_in_a_low_one_is_refused()
    {
        var graph = Step("bf16", "baseline");
        var low = graph.Nodes.First(n => n is { Op: BatchNorm, Precision: Precision.Bf16 });
        var cast = new Node("cast", new Cast(Precision.Float32), [low], [], low.Shape, "", null);
        var mixed = new Node("mixed", new Concat(), [low, cast], [], low.Shape.WithChannels(2 * low.Shape.Channels), "", null);
        var error = Assert.Throws<InvalidGraphException>(() =>
            Verifier.Check(graph.With([.. graph.Nodes, cast, mixed], graph.Outputs), "the test")
        );
        Assert.Contains("'mixed' mixes number formats", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Activations_take_half_the_memory_where_they_are_low()
    {
        var work = new Workload(8, 256, 256);
        var tasks = Programs.Example("branched").Tasks;
        TrainingMemory Memory(string precision) =>
            TrainingMemory.Of(Step(precision), tasks, new Compiler.Recipes.AdamRecipe(), work);
        var (full, half) = (Memory("float32"), Memory("bf16"));
        Assert.InRange((double)half.ByDeclaration["trunk"] / full.ByDeclaration["trunk"], 0.5, 0.75);
        Assert.Equal(full.OptimizerState, half.OptimizerState);
    }
}
