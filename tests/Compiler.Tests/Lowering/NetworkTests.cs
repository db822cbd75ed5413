using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Lowering;

/// <summary>The report's networks in figures.</summary>
public class NetworkTests
{
    [Theory]
    [InlineData("baseline", 21_421_396)]
    [InlineData("dilated", 21_421_396)]
    [InlineData("joint-1conv", 25_474_372)]
    [InlineData("joint", 26_756_996)]
    [InlineData("branched", 32_183_220)]
    [InlineData("distillation", 36_949_960)]
    [InlineData("contour", 43_558_137)]
    [InlineData("normals", 43_562_747)]
    [InlineData("full", 50_170_924)]
    [InlineData("canny", 36_959_530)]
    public void Parameters_are_those_of_the_report_to_the_unit(string name, long parameters) =>
        Assert.Equal(parameters, Programs.Example(name).Training.TrainableCount);

    [Fact]
    public void Branched_takes_20_13_billion_multiply_adds_at_256()
    {
        var summary = Summary.Of(Programs.Example("branched"), new ImageSize(256, 256));
        Assert.Equal(20.13, Math.Round(summary.MultiplyAdds / 1e9, 2));
        Assert.Equal(16, summary.OutputStride);
        Assert.Equal(7.30, Math.Round(Of(summary, "trunk").MultiplyAdds / 1e9, 2));
        Assert.Equal(1.02, Math.Round(Of(summary, "depth_context").MultiplyAdds / 1e9, 2));
        Assert.Equal(5.48, Math.Round(Of(summary, "semseg_head").MultiplyAdds / 1e9, 2));
        Assert.Equal(5.31, Math.Round(Of(summary, "depth_head").MultiplyAdds / 1e9, 2));
        Assert.Equal(21_284_672, Of(summary, "trunk").Parameters);
        Assert.Equal(4_131_840, Of(summary, "depth_context").Parameters);
    }

    [Fact]
    public void Self_attention_has_1_179_648_parameters() =>
        Assert.Equal(
            1_179_648,
            Of(Summary.Of(Programs.Example("distillation"), new ImageSize(256, 256)), "from_depth").Parameters
        );

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet34")]
    [InlineData("resnet50")]
    public void Backbones_have_the_names_and_shapes_of_torchvision(string backbone)
    {
        var expected = File.ReadAllLines(Path.Combine(Programs.Cases("torchvision"), backbone + ".txt"));
        var actual = Trunk(backbone)
            .Parameters.Where(p => p.Name.StartsWith("trunk.", StringComparison.Ordinal))
            .Select(p => $"{p.Name["trunk.".Length..]} {(p.Dimensions.IsEmpty ? "scalar" : string.Join('x', p.Dimensions))}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_dilated_resnet50_is_that_of_torchvision()
    {
        var expected = File.ReadAllLines(Path.Combine(Programs.Cases("torchvision"), "resnet50-dilated.txt"));
        var actual = Trunk("resnet50 { dilate: [false, true, true] }")
            .Nodes.Where(n => n.Op is Conv && n.Name.StartsWith("trunk.layer", StringComparison.Ordinal))
            .Select(n => (n.Parameters[0].Name["trunk.".Length..^".weight".Length], (Conv)n.Op))
            .Select(c => $"{c.Item1} stride {c.Item2.Stride} dilation {c.Item2.Dilation} padding {c.Item2.Margin}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    /// <summary>As the report's BasicBlock: the first convolution strides and is undilated, the second dilates.</summary>
    [Fact]
    public void A_dilated_resnet34_dilates_the_second_convolution_of_each_unit()
    {
        var layer4 = Trunk("resnet34 { dilate: [false, false, true] }")
            .Nodes.Where(n => n.Op is Conv && n.Name.StartsWith("trunk.layer4.", StringComparison.Ordinal))
            .ToList();
        Assert.All(
            layer4.Where(n => n.Name.EndsWith("conv1", StringComparison.Ordinal)),
            n => Assert.Equal((1, 1), (((Conv)n.Op).Stride, ((Conv)n.Op).Dilation))
        );
        Assert.All(
            layer4.Where(n => n.Name.EndsWith("conv2", StringComparison.Ordinal)),
            n => Assert.Equal((1, 2), (((Conv)n.Op).Stride, ((Conv)n.Op).Dilation))
        );
        Assert.Equal(
            6,
            layer4.Count(n =>
                n.Name.EndsWith("conv1", StringComparison.Ordinal) || n.Name.EndsWith("conv2", StringComparison.Ordinal)
            )
        );
    }

    static DeclarationSummary Of(Summary summary, string name) => summary.Declarations.Single(d => d.Name == name);

    static Compiler.Ir.Graph Trunk(string backbone) =>
        Programs
            .Model(
                $$"""
                model net {
                  task depth: depth
                  encoder trunk: {{backbone}}
                  decoder head: trunk -> depth { convs: 0 }
                  loss: l2(depth)
                }
                """
            )
            .Training;
}
