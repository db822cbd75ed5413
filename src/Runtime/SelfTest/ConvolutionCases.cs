using System.Globalization;
using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mtlc.Runtime.SelfTest;

/// <summary>
/// Convolutions of training, forward and both gradients, in both layouts. The numbers of channels are those of pictures, of
/// heads, and of none that vectors of 8 or 16 divide, where kernels treat a rest apart; maps are small, for the kernels are
/// chosen by channels, not by size. </summary>
static class ConvolutionCases
{
    static readonly (int Channels, Conv Conv, int Pictures)[] All =
    [
        (33, new(19), 2),
        (256, new(33), 2),
        (1, new(3), 2),
        (256, new(256), 1),
        (19, new(1), 2),
        (3, new(33, 3), 2),
        (33, new(19, 3), 2),
        (19, new(1, 3), 2),
        (1, new(3, 3), 2),
        (256, new(19, 3), 1),
        (33, new(256, 3), 1),
        (3, new(33, 3, Stride: 2), 2),
        (33, new(19, 3, Stride: 2), 2),
        (33, new(40, 1, Stride: 2), 2),
        (33, new(19, 3, Dilation: 2), 2),
        (19, new(33, 3, Dilation: 2), 2),
        (33, new(33, 3, Groups: 33), 2),
        (33, new(57, 3, Groups: 3), 2),
        (19, new(19, 3, Stride: 2, Groups: 19), 2),
        (3, new(19, 7, Stride: 2), 1),
        (19, new(33, 3), 16), // from 16 pictures on libtorch takes the same kernels on one thread as on many
    ];

    public static void Run(TestBench bench)
    {
        foreach (var (channels, conv, pictures) in All)
            Run(bench, conv, new(pictures, channels, pictures > 2 ? 3 : 5, 7));
    }

    static void Run(TestBench bench, Conv conv, MapSize size)
    {
        var (x, weight) = (
            bench.Numbers(size.Count),
            bench.Numbers(conv.Out * (size.Channels / conv.Groups) * conv.Kernel * conv.Kernel)
        );
        var bias = bench.Numbers(conv.Out);
        var reference = new ConvolutionReference(conv, size, x);
        var gradient = bench.Numbers(reference.Result.Count);
        var arithmetic = bench.OfConvolutions;
        var forward = reference.Forward(weight, bias, null, false, arithmetic);
        var ofWeight = reference.OfWeight(gradient, arithmetic);
        var ofInput = reference.OfInput(weight, gradient, arithmetic);
        foreach (var last in (bool[])[false, true])
        {
            using var scope = NewDisposeScope();
            var name = $"{Describe(size.Channels, conv, size.Pictures)}, channels {(last ? "last" : "first")}";
            var input = Laid(bench.On(x, size.Shape)).requires_grad_();
            var weights = Laid(bench.On(weight, conv.Out, size.Channels / conv.Groups, conv.Kernel, conv.Kernel))
                .requires_grad_();
            long padding = conv.Margin;
            var y = F.conv2d(
                input,
                weights,
                bench.On(bias, conv.Out),
                [conv.Stride, conv.Stride],
                [padding, padding],
                [conv.Dilation, conv.Dilation],
                conv.Groups
            );
            var gradients = autograd.grad([y], [input, weights], [Laid(bench.On(gradient, reference.Result.Shape))]);
            bench.Add("convolution", name, y, forward.Values, forward.Errors);
            bench.Add("gradient of a convolution's input", name, gradients[0], ofInput.Values, ofInput.Errors);
            bench.Add("gradient of a convolution's weight", name, gradients[1], ofWeight.Values, ofWeight.Errors);

            Tensor Laid(Tensor tensor) => last ? ChannelsLast.Of(tensor) : tensor;
        }
    }

    /// <summary>"3x3 33->19, stride 2".</summary>
    public static string Describe(int channels, Conv conv, int pictures = 1)
    {
        List<string> parts = [string.Create(CultureInfo.InvariantCulture, $"{conv.Kernel}x{conv.Kernel} {channels}->{conv.Out}")];
        void Tell(string what, int value)
        {
            if (value > 1)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {value}"));
        }
        Tell("stride", conv.Stride);
        Tell("dilation", conv.Dilation);
        Tell("groups", conv.Groups);
        if (pictures > 2)
            Tell("batch", pictures);
        return string.Join(", ", parts);
    }
}
