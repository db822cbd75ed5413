using System.Xml.Linq;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Snapshots;

/// <summary>What each stage makes of each example: tests/cases/examples/NAME.STAGE.verified.*.</summary>
public class ExampleTests
{
    public static TheoryData<string> Names => new(Programs.Examples());

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_compile_without_a_word(string name) => Assert.Equal("", Programs.Text(Programs.CompileExample(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Training_graph(string name) =>
        await Snapshot(name, "train", TextDump.Write(Programs.Example(name).Training));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Inference_graph(string name) =>
        await Snapshot(name, "infer", TextDump.Write(Programs.Example(name).Inference));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Annotated_source(string name) =>
        await Snapshot(name, "annotated", Annotation.Write(Programs.Example(name)), "mtl");

    [Fact]
    public async Task Expanded_losses() =>
        await Snapshot(
            "all",
            "loss",
            string.Concat(Programs.Examples().Select(n => $"{n}: {ObjectiveText.Write(Programs.Example(n).Objective)}\n"))
        );

    [Fact]
    public async Task Drawing() =>
        await Snapshot(
            "distillation",
            "drawing",
            Svg.Write(Programs.Example("distillation"), Programs.Example("distillation").Training),
            "svg"
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void Drawings_are_xml_and_name_every_box_and_task(string name)
    {
        var model = Programs.Example(name);
        var svg = Svg.Write(model, model.Training);
        Assert.Equal("svg", XDocument.Parse(svg).Root!.Name.LocalName);
        Assert.All(
            model.Declarations.Where(d => d.Kind != "refine").Select(d => d.Name).Concat(model.Tasks.Select(t => t.Name)),
            n => Assert.Contains(n, svg, StringComparison.Ordinal)
        );
    }

    /// <summary>The grammar of DOT's statements as Graphviz documents it, as far as we use it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Dot_has_every_node_and_edge_once_between_balanced_braces(string name)
    {
        var graph = Programs.Example(name).Training;
        var lines = Dot.Write(graph).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var depth = 0;
        foreach (var line in lines)
        {
            Assert.True(line.EndsWith('{') || line.Trim() == "}" || line.EndsWith(';'), line);
            Assert.Equal(0, line.Replace("\\\"", "", StringComparison.Ordinal).Count(c => c == '"') % 2);
            depth +=
                line.EndsWith('{') ? 1
                : line.Trim() == "}" ? -1
                : 0;
            Assert.InRange(depth, 0, 2);
        }
        Assert.Equal(0, depth);
        Assert.Equal(
            graph.Nodes.Sum(n => n.Inputs.Length) + graph.Outputs.Length,
            lines.Count(l => l.Contains(" -> ", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void The_same_source_makes_the_same_bytes()
    {
        var path = Path.Combine(Programs.Root, "examples", "full.mtl");
        var again = Programs.Valid(
            Compiler.Compilation.Compile(Programs.Read(path), Programs.Imports(Path.GetDirectoryName(path)!))
        );
        Assert.Equal(TextDump.Write(Programs.Example("full").Training), TextDump.Write(again.Model.Training));
        Assert.Equal(
            Svg.Write(Programs.Example("full"), Programs.Example("full").Training),
            Svg.Write(again.Model, again.Model.Training)
        );
    }

    static async Task Snapshot(string name, string stage, string text, string extension = "txt") =>
        await Verify(text, extension).UseDirectory(Programs.Cases("examples")).UseFileName($"{name}.{stage}");
}
