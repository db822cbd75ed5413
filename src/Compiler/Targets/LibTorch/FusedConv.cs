using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>
/// relu?(conv(x, W) + bias + residual?), computed while the result is still in the cache: only a frozen graph has it, for it
/// gives no gradient. </summary>
/// <param name="Residual">Whether a second operand of the result's shape is added.</param>
public sealed record FusedConv(
    int Out,
    int Kernel,
    int Stride,
    int Dilation,
    int Groups,
    bool Bias,
    Padding Padding,
    bool Residual,
    bool Relu
) : Op
{
    public override string Name =>
        (Residual, Relu) switch
        {
            (true, true) => "conv_add_relu",
            (true, false) => "conv_add",
            _ => "conv_relu",
        };

    public override bool IsByPosition => Conv.IsByPosition;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Low, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    /// <summary>The convolution alone.</summary>
    public Conv Conv => new(Out, Kernel, Stride, Dilation, Groups, Bias, Padding);

    /// <summary>The convolution in an operation, and whether ReLU follows in it; null where it is another.</summary>
    public static (Conv? Conv, bool Relu) Parts(Op op) =>
        op switch
        {
            Conv plain => (plain, false),
            FusedConv fused => (fused.Conv, fused.Relu),
            _ => (null, false),
        };

    public static FusedConv Of(Conv conv, bool residual, bool relu) =>
        new(conv.Out, conv.Kernel, conv.Stride, conv.Dilation, conv.Groups, conv.Bias, conv.Padding, residual, relu);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var shape = Conv.Infer([inputs[0]], errors);
        return Residual && shape is { } s && inputs[1] != s ? errors.ResolutionsDiffer(0, 1) : shape;
    }

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) => Conv.Parameters(inputs);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        Conv.MultiplyAdds(inputs, output, height, width);

    public override long Scratch(Node node, Workload work, bool frozen) => 0;
}
