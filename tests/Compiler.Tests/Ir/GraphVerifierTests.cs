using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Passes;
using GraphVerifier = Mtlc.Compiler.Ir.Verifier;

namespace Mtlc.Tests.Ir;

/// <summary>The verifier finds what no graph may be.</summary>
public class GraphVerifierTests
{
    static readonly Node Picture = new("image", new Image(), [], [], TensorShape.Input(3), "", null);

    [Fact]
    public void A_sound_graph_passes() => Check([Picture, Relu("a", Picture)]);

    [Fact]
    public void A_name_given_twice_is_found() =>
        Broken("two nodes are called 'a'", [Picture, Relu("a", Picture), Relu("a", Picture)]);

    [Fact]
    public void A_node_before_its_input_is_found()
    {
        var first = Relu("a", Picture);
        Broken("'b' reads 'a' before it is made", [Picture, Relu("b", first), first]);
    }

    [Fact]
    public void A_wrong_shape_is_found() =>
        Broken("'a' is not 4 x H x W", [Picture, new Node("a", new Relu(), [Picture], [], TensorShape.Input(4), "", null)]);

    [Fact]
    public void Missing_parameters_are_found() =>
        Broken(
            "'a' has 0 parameters and needs 1",
            [Picture, new Node("a", new Conv(3, Bias: false), [Picture], [], TensorShape.Input(3), "", null)]
        );

    [Fact]
    public void A_parameter_that_does_not_fit_is_found() =>
        Broken("does not fit 'a'", [Picture, Convolution("a", Weight("a.weight", 8))]);

    [Fact]
    public void Two_parameters_of_one_name_are_found() =>
        Broken("two parameters are called 'w'", [Picture, Convolution("a", Weight("w", 3)), Convolution("b", Weight("w", 3))]);

    [Fact]
    public void One_parameter_may_serve_twice()
    {
        var weight = Weight("w", 3);
        Check([Picture, Convolution("a", weight), Convolution("b", weight)]);
    }

    [Fact]
    public void No_output_is_found() =>
        Assert.Throws<InvalidGraphException>(() => GraphVerifier.Check(new Graph("net", [Picture], []), "a test"));

    [Fact]
    public void An_output_outside_the_graph_is_found()
    {
        var outside = Relu("outside", Picture);
        var graph = new Graph("net", [Picture], [new GraphOutput("o", "t", outside, true)]);
        Assert.Contains(
            "'o' is not in the graph",
            Assert.Throws<InvalidGraphException>(() => GraphVerifier.Check(graph, "a test")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_output_that_is_not_full_size_is_found() =>
        Broken(
            "the output 'o' is 3 x H/2 x W/2",
            [Picture, new Node("a", new MaxPool(), [Picture], [], new(3, Extent.Input.Over(2), Extent.Input.Over(2)), "", null)]
        );

    [Fact]
    public void A_pass_that_breaks_the_graph_is_named()
    {
        ImmutableArray<Pass> passes = [new("lose-everything", g => g.With([], g.Outputs))];
        var error = Assert.Throws<InvalidGraphException>(() => passes.Apply(Of([Picture, Relu("a", Picture)])));
        Assert.Contains("after lose-everything", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_code_goes_and_what_is_read_stays()
    {
        var model = Programs.Example("distillation");
        Assert.True(model.Inference.Nodes.Length < model.Training.Nodes.Length);
        Assert.DoesNotContain(model.Inference.Nodes, n => n.Name.StartsWith("semseg_1.predict", StringComparison.Ordinal));
        Assert.Contains(model.Inference.Nodes, n => n.Declaration == "from_semseg");
        Assert.Equal(model.Training.Nodes, DeadCode.Remove(model.Training).Nodes);
    }

    [Theory]
    [InlineData(1, 4, 257, 65)]
    [InlineData(1, 32, 1024, 32)]
    [InlineData(3, 8, 64, 24)]
    [InlineData(2, 1, 100, 200)]
    public void Fractions_resolve_as_padded_strides_do(int numerator, int denominator, int input, int pixels) =>
        Assert.Equal(pixels, Extent.Fraction(numerator, denominator).Resolve(input));

    static Node Relu(string name, Node input) => new(name, new Relu(), [input], [], input.Shape, "", null);

    static Node Convolution(string name, Parameter weight) =>
        new(name, new Conv(3, Bias: false), [Picture], [weight], TensorShape.Input(3), "", null);

    static Parameter Weight(string name, int inputs) =>
        new(name, new ParameterSpec("weight", [3, inputs, 1, 1], Initializer.Uniform));

    static Graph Of(ImmutableArray<Node> nodes) => new("net", nodes, [new GraphOutput("o", "t", nodes[^1], true)]);

    static void Check(ImmutableArray<Node> nodes) => GraphVerifier.Check(Of(nodes), "a test");

    static void Broken(string message, ImmutableArray<Node> nodes) =>
        Assert.Contains(message, Assert.Throws<InvalidGraphException>(() => Check(nodes)).Message, StringComparison.Ordinal);
}
