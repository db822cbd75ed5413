using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>A convolution's weight, prepacked for the kernel that is chosen for it: <see cref="WinogradConvolution"/>, or else
/// <see cref="FusedConvolution"/>.</summary>
readonly record struct PrepackedWeight(Tensor Value, bool IsWinograd)
{
    /// <param name="input">[N, C, H, W]: the size for which the kernel is chosen.</param>
    /// <returns>null where the weight cannot be prepacked.</returns>
    public static PrepackedWeight? Of(Conv conv, Tensor weight, long[] input)
    {
        var isWinograd = WinogradConvolution.IsAvailable && Winograd.Suits(conv, input[1], input[2], input[3]);
        var prepacked = isWinograd ? WinogradConvolution.Transform(weight) : FusedConvolution.Pack(conv, weight, input);
        return prepacked is null ? null : new(prepacked, isWinograd);
    }

    /// <summary>relu?(conv(x, W) + bias + residual?), channels last.</summary>
    public Tensor Run(Conv conv, bool relu, Tensor x, Tensor? bias, Tensor? residual) =>
        IsWinograd
            ? WinogradConvolution.Run(conv, relu, x, Value, bias, residual)
            : FusedConvolution.Run(conv, relu, x, Value, bias, residual);
}
