using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Targets.LibTorch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch;

/// <summary>A convolution's weight, laid out for the kernel that is chosen for it: <see cref="WinogradConvolution"/>, or else <see cref="FusedConvolution"/>.</summary>
readonly record struct LaidWeight(Tensor Value, bool IsByTiles)
{
    /// <param name="input">[N, C, H, W]: the size for which the kernel is chosen.</param>
    /// <returns>null where the weight cannot be laid out anew.</returns>
    public static LaidWeight? Of(Conv conv, Tensor weight, long[] input)
    {
        var isByTiles = WinogradConvolution.IsAvailable && Winograd.Suits(conv, input[1], input[2], input[3]);
        var laid = isByTiles ? WinogradConvolution.Transform(weight) : FusedConvolution.Pack(conv, weight, input);
        return laid is null ? null : new(laid, isByTiles);
    }

    /// <summary>relu?(conv(x, W) + bias + residual?), channels last.</summary>
    public Tensor Run(Conv conv, bool relu, Tensor x, Tensor? bias, Tensor? residual) => IsByTiles
        ? WinogradConvolution.Run(conv, relu, x, Value, bias, residual)
        : FusedConvolution.Run(conv, relu, x, Value, bias, residual);
}
