using System.Text.Json;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Snapshots;

public class DrawingJsonTests
{
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
    public void Every_operation_is_in_one_box_and_costs_what_the_graph_costs(string name)
    {
        var model = Programs.Example(name);
        var graph = model.Training;
        using var json = JsonDocument.Parse(DrawingJson.Write(model, graph, new ImageSize(64, 128)));
        var boxes = json.RootElement.GetProperty("boxes").EnumerateArray().ToList();
        var nodes = boxes.SelectMany(b => b.GetProperty("nodes").EnumerateArray()).ToList();

        Assert.Equal(
            graph.Nodes.Where(n => n.Declaration.Length > 0).Select(n => n.Name).Order(StringComparer.Ordinal),
            nodes.Select(n => n.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)
        );
        Assert.Equal(graph.MultiplyAdds(64, 128), json.RootElement.GetProperty("multiply_adds").GetInt64());
        Assert.Equal(graph.MultiplyAdds(64, 128), nodes.Sum(n => n.GetProperty("multiply_adds").GetInt64()));
        Assert.Equal(graph.TrainableCount, json.RootElement.GetProperty("parameters").GetInt64());
        Assert.Equal(Drawing.Of(model, graph).Arrows.Length, json.RootElement.GetProperty("arrows").GetArrayLength());
    }

    [Fact]
    public void Places_are_those_of_the_statements()
    {
        using var json = JsonDocument.Parse(
            DrawingJson.Write(Programs.Example("distillation"), Programs.Example("distillation").Inference, new ImageSize(64, 64))
        );
        var lines = File.ReadAllLines(Path.Combine(Programs.Root, "examples", "distillation.mtl"));
        foreach (var box in json.RootElement.GetProperty("boxes").EnumerateArray().Where(b => b.TryGetProperty("line", out _)))
        {
            Assert.Equal("distillation.mtl", box.GetProperty("file").GetString());
            var line = lines[box.GetProperty("line").GetInt32() - 1];
            Assert.StartsWith(
                box.GetProperty("name").GetString(),
                line[(box.GetProperty("column").GetInt32() - 1)..],
                StringComparison.Ordinal
            );
        }
    }
}
