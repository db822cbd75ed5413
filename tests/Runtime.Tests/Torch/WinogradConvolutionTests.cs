using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Tests.Torch;

public class WinogradConvolutionTests
{
    // Sizes that tiles of 4x4 cover exactly, and that they do not; one block of tiles and several.
    [Theory]
    [InlineData(1, 3, 2, 4, 4)]
    [InlineData(2, 5, 7, 9, 14)]
    [InlineData(3, 4, 6, 31, 65)]
    [InlineData(2, 8, 8, 3, 530)]
    [InlineData(1, 2, 3, 1, 1)]
    public void Equals_the_direct_convolution_in_double_precision(int n, int channels, int results, int height, int width)
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        manual_seed(1);
        var (x, weight, bias) = (randn(n, channels, height, width), randn(results, channels, 3, 3), randn(results));
        var residual = randn(n, results, height, width);
        var transformed = WinogradConvolution.Transform(weight);
        foreach (var (relu, b, added) in new[] { (true, bias, null), (false, bias, null), (false, null, null), (true, bias, residual), (false, null, residual) })
        {
            var exact = F.conv2d(x.to(ScalarType.Float64), weight.to(ScalarType.Float64), b?.to(ScalarType.Float64), padding: [1, 1]);
            exact = added is null ? exact : exact + added;
            exact = relu ? exact.relu() : exact;
            var largest = exact.abs().max().item<double>();
            foreach (var laid in new[] { x, ChannelsLast.Of(x) })
                TensorAssert.Close(exact, WinogradConvolution.Run(relu, laid, transformed, b, added).to(ScalarType.Float64), 2e-5 * Math.Max(1, largest));
        }
    }

    [Fact]
    public void A_frozen_graph_uses_it_where_maps_and_channels_are_many_and_predicts_what_the_trained_one_does()
    {
        var g = new Graphs();
        var wide = g.Add("wide", new Conv(128, 1), g.Image);
        var first = g.Add("first", new Conv(128, 3), wide);
        var second = g.Add("second", new Conv(128, 3), first);
        var graph = g.Predict("map", "depth", g.Add("head", new Conv(1), second)).Build();
        var frozen = Mtlc.Compiler.Passes.Freeze.Run(graph);
        Assert.True(Winograd.Suits(new Conv(128, 3), 128, batch: 2, 29, 40));
        Assert.False(Winograd.Suits(new Conv(128, 3), 128, batch: 1, 29, 40));

        using var scope = NewDisposeScope();
        using var trained = new GraphModule(graph, seed: 1);
        using var inference = new GraphModule(frozen, trained.Parameters);
        trained.eval();
        inference.eval();
        using var gradients = no_grad();
        var pictures = randn(2, 3, 29, 40);
        for (var change = 0; change < 2; change++)
        {
            TensorAssert.Close(trained.forward(pictures)["map"], inference.forward(pictures)["map"], 2e-5);
            trained.Parameters.Set("first.weight", randn(128, 128, 3, 3) * Held(0.02)); // what was made from the old one is made again
        }
    }
}
