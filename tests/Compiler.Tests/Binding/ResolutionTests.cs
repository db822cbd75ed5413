using Mtlc.Compiler;
using Mtlc.Compiler.Binding;

namespace Mtlc.Tests.Binding;

public class ResolutionTests
{
    const string Recipe = """
        train { optimizer: adam { lr: 1e-4 } }
        set trunk.dilate = [false, false, true]
        """;

    const string Program = """
        import "recipe.mtl"
        let width = 128
        component head(x, width = 64) {
          let narrow = conv_bn_relu(x, width)
          let narrows = [for w in [1, 2]: conv(narrow, w)]
          return concat(narrow, narrows)
        }
        model net {
          task semseg: segmentation { classes: 19 }
          task edges: contour of semseg
          encoder trunk: resnet34
          aspp context: trunk.layer3 -> width { rates: [1, 2] }
          decoder semseg: context + skip trunk/4 -> semseg { using: pair, width: width }
          decoder lines: trunk -> edges { using: head }
          loss: 0.5 * cross_entropy(semseg) + balanced_bce(lines)
        }
        component pair(x, skips, width) { return head(x, width: width) |> resize_like(skips[0]) }
        sweep s { context.rates: [[1], [2]] }
        """;

    static readonly Compilation Compiled = Programs.Compile([("a.mtl", Program), ("recipe.mtl", Recipe)]);

    [Fact]
    public void The_trees_of_all_files_are_handed_out() =>
        Assert.Equal(["a.mtl", "recipe.mtl"], Compiled.Trees.Select(t => t.Source.Path).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("trunk.layer3 ->", "Statement trunk at a.mtl:11:11")]
    [InlineData("layer3 ->", "Let layer3 at std/resnet.mtl:27:7")]
    [InlineData("resnet34\n", "Component resnet34 at std/resnet.mtl:3:11")]
    [InlineData("width { rates", "Let width at a.mtl:2:5")]
    [InlineData("rates: [1", "Parameter rates at std/context.mtl:1:30")]
    [InlineData("width)\n  let narrows", "Parameter width at a.mtl:3:19")]
    [InlineData("w)]", "Variable w at a.mtl:5:22")]
    [InlineData("narrow, w)", "Let narrow at a.mtl:4:7")]
    [InlineData("conv(narrow", "Primitive conv")]
    [InlineData("semseg { using", "Task semseg at a.mtl:9:8")]
    [InlineData("semseg) +", "Task semseg at a.mtl:9:8")]
    [InlineData("lines)", "Statement lines at a.mtl:14:11")]
    [InlineData("semseg\n  encoder", "Task semseg at a.mtl:9:8")]
    [InlineData("head }", "Component head at a.mtl:3:11")]
    [InlineData("pair, width", "Component pair at a.mtl:17:11")]
    [InlineData("width: width }", "Parameter width at a.mtl:17:26")]
    [InlineData("width: width)", "Parameter width at a.mtl:3:19")]
    [InlineData("context.rates", "Statement context at a.mtl:12:8")]
    [InlineData("rates: [[1]", "Parameter rates at std/context.mtl:1:30")]
    [InlineData("cross_entropy", "nothing")]
    public void A_name_means_what_the_compiler_takes_it_for(string at, string meaning) =>
        Assert.Equal(meaning, Meaning(Compiled, "a.mtl", at));

    [Theory]
    [InlineData("disparity: map", "Statement disparity at a.mtl:2:9")]
    [InlineData("disparity) ", "Statement disparity at a.mtl:2:9")]
    [InlineData("three)", "Statement three at a.mtl:5:7")]
    [InlineData("rgb.layer1)", "Statement rgb at a.mtl:6:11")]
    [InlineData("layer1)", "Let layer1 at std/resnet.mtl:25:7")]
    [InlineData("disparity.mean", "Statement disparity at a.mtl:2:9")]
    public void What_an_encoder_reads_is_a_feature(string at, string meaning)
    {
        var compiled = Programs.Compile([
            (
                "a.mtl",
                """
                model net {
                  input disparity: map { mean: 1, deviation: 2 }
                  task semseg: segmentation { classes: 19 }
                  encoder near: resnet18(disparity) { dilate: [false, false, true] }
                  let three = concat(disparity, disparity, disparity)
                  encoder rgb: resnet18(three)
                  encoder late: resnet18(rgb.layer1)
                  decoder head: near -> semseg
                  decoder other: rgb -> semseg
                  decoder last: late + skip rgb/4 + skip head -> semseg
                  decoder final: last + other -> semseg
                  loss: cross_entropy(semseg)
                }
                set disparity.mean = 3
                """
            ),
        ]);

        Assert.Equal(meaning, Meaning(compiled, "a.mtl", at));
    }

    [Fact]
    public void A_recipe_of_another_file_means_the_box_of_the_model() =>
        Assert.Equal("Statement trunk at a.mtl:11:11", Meaning(Compiled, "recipe.mtl", "trunk.dilate"));

    [Fact]
    public void All_uses_of_a_box_are_known_in_all_files()
    {
        var trunk = Compiled
            .Resolution.All.First(u => u.Definition is { Kind: DefinitionKind.Statement, Name.Text: "trunk" })
            .Definition!;

        var uses = Compiled
            .Resolution.All.Where(u => u.Definition == trunk)
            .Select(u => u.Name.Span.ToString())
            .Order(StringComparer.Ordinal);

        Assert.Equal(["a.mtl:11:11", "a.mtl:12:17", "a.mtl:13:34", "a.mtl:14:18", "recipe.mtl:2:5"], uses);
    }

    /// <summary>A box, a component and a parameter of one name are three things.</summary>
    [Fact]
    public void What_is_called_is_the_component()
    {
        var compiled = Programs.Compile(
            """
            component gate(x) { return sigmoid(x) }
            model net {
              task depth: depth
              encoder trunk: resnet18
              let gate = gate(trunk)
              decoder d: trunk -> depth { using: body }
              refine depth: scale(gate)
              loss: l1(depth)
            }
            component body(x) { return x }
            component scale(x, gate) { return x * global_avg_pool(gate) }
            """
        );

        Assert.Equal("Component gate at test.mtl:1:11", Meaning(compiled, "test.mtl", "gate(trunk"));
        Assert.Equal("Statement gate at test.mtl:5:7", Meaning(compiled, "test.mtl", "gate)\n  loss"));
        Assert.Equal("Parameter gate at test.mtl:11:20", Meaning(compiled, "test.mtl", "gate) }"));
    }

    [Fact]
    public void Words_of_a_recipe_mean_no_component_that_is_called_so()
    {
        var compiled = Programs.Compile(
            """
            train { schedule: step { every: 2 } }
            set train.optimizer = sgd
            component step(x) { return x }
            component sgd(x) { return x }
            """
        );

        Assert.Equal("nothing", Meaning(compiled, "test.mtl", "step {"));
        Assert.Equal("nothing", Meaning(compiled, "test.mtl", "sgd\n"));
    }

    [Fact]
    public void Names_and_shapes_are_there_in_a_program_with_errors()
    {
        var compiled = Programs.Compile(
            """
            model net {
              task semseg: segmentation { classes: 19 }
              encoder trunk: resnet34
              aspp context: trunk -> 256
              decoder broken: contxt -> semseg
              decoder head: context -> semseg
              let rate = 0.5
              loss: rate * cross_entropi(semseg)
            }
            """
        );
        var context = compiled.Resolution.All.First(u => u.Name.Text == "context").Definition!;

        Assert.Null(compiled.Program);
        Assert.Equal("Statement context at test.mtl:4:8", Meaning(compiled, "test.mtl", "context -> semseg\n  let"));
        Assert.Equal("256 x H/32 x W/32", compiled.Lowered.Of(context.Name).Single().Features!.Shape.ToString());
        Assert.Equal("nothing", Meaning(compiled, "test.mtl", "contxt"));
    }

    [Fact]
    public void Every_name_of_every_example_is_resolved()
    {
        var unknown = Programs
            .Examples()
            .SelectMany(e => Programs.CompileExample(e).Resolution.All)
            .Where(u =>
                u.Definition is null && u.Role is NameRole.Callee or NameRole.Feature or NameRole.Task or NameRole.Component
            );

        Assert.DoesNotContain(unknown, u => u.Definition is null);
    }

    static string Meaning(Compilation compiled, string file, string at)
    {
        var source = compiled.Trees.First(t => t.Source.Path == file).Source;
        var offset = source.Content.ReplaceLineEndings("\n").IndexOf(at, StringComparison.Ordinal);
        Assert.True(offset >= 0, at);
        var definition = compiled.Resolution.At(source, offset)?.Definition;
        return definition is null ? "nothing"
            : definition.IsBuiltIn ? $"{definition}"
            : $"{definition} at {definition.Name.Span}";
    }
}
