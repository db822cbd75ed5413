using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Snapshots;

public class SnapshotDifferenceTests
{
    static readonly ImageSize Size = new(64, 128);

    public static TheoryData<string> Names =>
        [
            .. Programs.Examples(),
            .. Directory
                .GetFiles(Path.Combine(Programs.Root, "examples", "published"), "*.mtl")
                .Select(f => $"published/{Path.GetFileNameWithoutExtension(f)}")
                .Where(n => Programs.CompileExample(n).Program is not null),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_dump_is_read_back_with_its_nodes_parameters_and_multiply_adds(string name)
    {
        var graph = Programs.Example(name).Training;
        var read = DumpedGraph.Read(TextDump.Write(graph))!;
        var nodes = read.Statements.SelectMany(s => s.Nodes).ToList();

        Assert.Equal(
            graph.Nodes.Select(n => $"{n.Name} {n.Op.Name} {n.Shape}").Order(),
            nodes.Select(n => $"{n.Name} {n.Op} {n.Shape}").Order()
        );
        Assert.Equal(
            graph.Nodes.SelectMany(n => n.Inputs, (n, i) => $"{n.Name} {i.Name}").Order(),
            nodes.SelectMany(n => n.Inputs, (n, i) => $"{n.Name} {i}").Order()
        );
        Assert.Equal(
            graph.TrainableCount + graph.FrozenCount,
            nodes.SelectMany(n => n.Parameters).DistinctBy(p => p.Name).Sum(p => p.Count)
        );
        Assert.Equal(graph.MultiplyAdds(64, 128), nodes.Sum(n => n.MultiplyAdds(read.Nodes, 64, 128)));
        Assert.Equal(graph.Outputs.Length, read.Outputs.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_inference_dump_is_read_too(string name)
    {
        var graph = Programs.Example(name).Inference;
        Assert.Equal(graph.Nodes.Length, DumpedGraph.Read(TextDump.Write(graph))!.Statements.Sum(s => s.Nodes.Length));
    }

    [Fact]
    public void A_dilation_costs_arithmetic_and_memory_and_no_parameter()
    {
        var (before, after) = (Train("false, false, false"), Train("false, false, true"));
        var lines = SnapshotDifference.Between(SnapshotPart.Train, before, after, Size)!.Structure;

        Assert.Equal(["~ trunk", "~ head", "= m"], lines.Where(l => l[0] != ' ').Select(l => l.Split(':')[0]));
        Assert.StartsWith("~ trunk: parameters 11,176,512, multiply-adds ", lines[0], StringComparison.Ordinal);
        Assert.Contains("    shape 512 x H/32 x W/32 -> 512 x H/16 x W/16", lines);
        Assert.Contains(
            lines,
            l =>
                l.StartsWith("    operations: -", StringComparison.Ordinal) && l.Contains("dilation: 2", StringComparison.Ordinal)
        );
        var (bytes, more) = (Bytes("false, false, true"), Bytes("false, false, true") - Bytes("false, false, false"));
        Assert.Contains(
            FormattableString.Invariant(
                $" -> {bytes / (double)(1 << 20):F2} MiB (+{more / 1024.0:F0} KiB); one picture of 64x128"
            ),
            lines[^1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Statements_and_predictions_come_and_go()
    {
        var (before, after) = (Train("false, false, false"), Train("false, false, false", context: true));
        var lines = SnapshotDifference.Between(SnapshotPart.Train, before, after, Size)!.Structure;
        var back = SnapshotDifference.Between(SnapshotPart.Train, after, before, Size)!.Structure;

        Assert.Contains(lines, l => l.StartsWith("+ context: parameters 0 -> 65,664 (+65,664)", StringComparison.Ordinal));
        Assert.Contains("    reads trunk + image -> context + image", lines);
        Assert.Contains(back, l => l.StartsWith("- context: parameters 65,664 -> 0 (-65,664)", StringComparison.Ordinal));
    }

    [Fact]
    public void Line_breaks_and_a_byte_order_mark_are_no_difference()
    {
        var text = Train("false, false, false");
        Assert.Null(
            SnapshotDifference.Between(
                SnapshotPart.Train,
                "\uFEFF" + text.Replace("\n", "\r\n", StringComparison.Ordinal),
                text + "\n",
                Size
            )
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("graph m: 2 nodes, 0 parameters\nimage = image(): 3 x H x W\nx = conv(image): 3 x 99999999999 x W")]
    [InlineData("graph m: 2 nodes, 0 parameters\n  x.weight [2] zeros")]
    [InlineData("<svg/>")]
    public void What_is_no_dump_has_lines_alone(string text) =>
        Assert.Empty(SnapshotDifference.Between(SnapshotPart.Train, text, Train("false, false, false"), Size)!.Structure);

    static string Train(string dilate, bool context = false) => TextDump.Write(Model(dilate, context).Training);

    static long Bytes(string dilate) => Model(dilate, false).Training.Nodes.Skip(1).Sum(n => 4 * n.Shape.Elements(64, 128));

    static Compiler.Ir.Model Model(string dilate, bool context) =>
        Programs.Model(
            $$"""
            model m {
              task depth: depth
              encoder trunk: resnet18 { dilate: [{{dilate}}] }
              {{(context ? "let context = conv(trunk, 128)" : "")}}
              decoder head: {{(context ? "context" : "trunk")}} -> depth { convs: 0 }
              loss: l2(depth)
            }
            """
        );
}
