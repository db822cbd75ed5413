using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Tests.Torch;

public class WinogradConvolutionTests
{
    // Sizes that tiles of 4x4 cover exactly, and that they do not; one block of tiles and several; channels that vectors hold,
    // and that they do not.
    [Theory]
    [InlineData(1, 3, 2, 4, 4)]
    [InlineData(2, 5, 7, 9, 14)]
    [InlineData(3, 4, 6, 31, 65)]
    [InlineData(2, 8, 8, 3, 530)]
    [InlineData(1, 2, 3, 1, 1)]
    [InlineData(2, 32, 48, 17, 20)]
    [InlineData(1, 16, 33, 8, 16, 2)]
    [InlineData(2, 3, 19, 13, 21, 3)]
    [InlineData(1, 5, 4, 7, 5, 6)]
    public void Equals_the_direct_convolution_in_double_precision(
        int n,
        int channels,
        int results,
        int height,
        int width,
        int dilation = 1
    )
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        manual_seed(1);
        var (x, weight, bias) = (randn(n, channels, height, width), randn(results, channels, 3, 3), randn(results));
        var residual = randn(n, results, height, width);
        var transformed = WinogradConvolution.Transform(weight);
        var conv = new Conv(results, 3, Dilation: dilation);
        var wider = cat([randn(n, 3, height, width), x, randn(n, 1, height, width)], 1);
        var part = ChannelsLast.Of(wider).narrow(1, 3, channels);
        foreach (
            var (relu, b, added) in new[]
            {
                (true, bias, null),
                (false, bias, null),
                (false, null, null),
                (true, bias, residual),
                (false, null, residual),
            }
        )
        {
            var exact = F.conv2d(
                x.to(ScalarType.Float64),
                weight.to(ScalarType.Float64),
                b?.to(ScalarType.Float64),
                padding: [dilation, dilation],
                dilation: [dilation, dilation]
            );
            exact = added is null ? exact : exact.Plus(added);
            exact = relu ? exact.relu() : exact;
            var largest = exact.abs().max().item<double>();
            foreach (var laid in new[] { x, ChannelsLast.Of(x), part })
            {
                var result = WinogradConvolution.Run(conv, relu, laid, transformed, b, added);
                TensorAssert.Close(exact, result.to(ScalarType.Float64), 2e-5 * Math.Max(1, largest));
            }
        }
    }

    [Fact]
    public void Hands_on_what_is_not_a_number()
    {
        TorchRuntime.Start();
        using var scope = NewDisposeScope();
        using var x = ones(1, 32, 8, 8);
        x.narrow(1, 7, 1).narrow(2, 1, 1).narrow(3, 1, 1).fill_(Held(double.NaN));
        var y = WinogradConvolution.Run(new Conv(16, 3), true, x, WinogradConvolution.Transform(ones(16, 32, 3, 3)), null, null);
        Assert.True(y.narrow(2, 0, 3).narrow(3, 0, 3).isnan().all().item<bool>());
        Assert.False(y.narrow(2, 4, 4).narrow(3, 4, 4).isnan().any().item<bool>());
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
        Assert.True(Winograd.Suits(new Conv(128, 3), 128, 29, 40));
        Assert.False(Winograd.Suits(new Conv(128, 3), 128, 16, 16));

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
