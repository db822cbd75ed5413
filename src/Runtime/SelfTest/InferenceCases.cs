using Mtlc.Compiler.Ops;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.SelfTest;

/// <summary>The convolutions of evaluation on the CPU: fused with bias, sum and ReLU, with prepacked weights, and those by
/// Winograd.</summary>
static class InferenceCases
{
    static readonly (int Channels, Conv Conv, bool Relu, bool Residual)[] All =
    [
        (33, new(19), false, false),
        (256, new(33), true, false),
        (3, new(33, 3, Stride: 2), true, false),
        (33, new(19, 3), true, true),
        (19, new(1, 3), false, false),
        (256, new(19, 3), true, false),
        (33, new(40, 3, Dilation: 2), true, false),
        (33, new(33, 3, Groups: 33), true, false),
    ];

    static readonly (int Channels, Conv Conv, bool Relu, bool Residual)[] Winograd =
    [
        (33, new(19, 3), true, true),
        (32, new(48, 3), false, false),
        (19, new(33, 3, Dilation: 2), true, false),
    ];

    public static void Run(TestBench bench, Action<string> left)
    {
        if (!FusedConvolution.IsAvailable)
            left("prepacked and fused convolutions: this libtorch has none");
        else
        {
            foreach (var (channels, conv, relu, residual) in All)
                Run(bench, conv, relu, residual, new(2, channels, 5, 7), isWinograd: false);
        }
        if (!WinogradConvolution.IsAvailable)
            left("Winograd convolutions: this processor or this libtorch lacks what they need");
        else
        {
            foreach (var (channels, conv, relu, residual) in Winograd)
                Run(bench, conv, relu, residual, new(2, channels, 9, 10), isWinograd: true);
        }
    }

    static void Run(TestBench bench, Conv conv, bool relu, bool hasResidual, MapSize size, bool isWinograd)
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (
            bench.Numbers(size.Count),
            bench.Numbers(conv.Out * (size.Channels / conv.Groups) * conv.Kernel * conv.Kernel)
        );
        var bias = bench.Numbers(conv.Out);
        var reference = new ConvolutionReference(conv, size, x);
        var residual = hasResidual ? bench.Numbers(reference.Result.Count) : null;
        var right = reference.Forward(weight, bias, residual, relu, Arithmetic.Float32);
        if (isWinograd)
            right = right with { Item2 = WinogradErrors.Of(conv, size, x, weight, bias, residual) };
        var input = ChannelsLast.Of(bench.On(x, size.Shape));
        var plain = bench.On(weight, conv.Out, size.Channels / conv.Groups, conv.Kernel, conv.Kernel);
        var added = residual is null ? null : ChannelsLast.Of(bench.On(residual, reference.Result.Shape));
        var name = $"{ConvolutionCases.Describe(size.Channels, conv)}{(hasResidual ? ", sum" : "")}{(relu ? ", relu" : "")}";
        if (isWinograd)
            Add(
                "Winograd convolution",
                WinogradConvolution.Run(conv, relu, input, WinogradConvolution.Transform(plain), bench.On(bias, conv.Out), added)
            );
        else
        {
            Add("fused convolution", FusedConvolution.Run(conv, relu, input, plain, bench.On(bias, conv.Out), added));
            if (FusedConvolution.Pack(conv, plain, size.Shape) is { } packed)
                Add("prepacked convolution", FusedConvolution.Run(conv, relu, input, packed, bench.On(bias, conv.Out), added));
        }

        void Add(string kind, Tensor answer) => bench.Add(kind, name, answer, right.Item1, right.Item2);
    }
}
