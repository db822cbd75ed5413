using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>
/// What is left of a k x k convolution of an upsampled map once its weights are applied before the upsampling: reads k * k maps
/// of C channels one behind the other, resizes each bilinearly (align_corners=False), shifts it by its tap's offset, with zeros
/// coming in at the border, and adds them up, and a bias [C]. Both steps are linear and act on rows and columns apart: y = sum
/// over taps (a, b) of R_a z_ab C_b', with R_a [H, h] the a-th shift of the interpolation. </summary>
/// <param name="Kernel">k</param>
/// <param name="Dilation">Pixels from tap to tap.</param>
/// <param name="Scale">Times the resolution; 0 for the resolution of a second operand, whose content is not read.</param>
public sealed record ShiftedResize(int Kernel, int Dilation, int Scale, bool Bias) : Op
{
    public override string Name => "shifted_resize";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override bool ReadsValues(int operand) => operand == 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var channels = inputs[0].Channels / (Kernel * Kernel);
        var size =
            Scale == 0
                ? inputs[1]
                : inputs[0] with
                {
                    Height = inputs[0].Height.Times(Scale),
                    Width = inputs[0].Width.Times(Scale),
                };
        return size.WithChannels(channels);
    }

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        Bias ? [new("bias", [inputs[0].Channels / (Kernel * Kernel)], Initializer.Uniform)] : [];

    // As two dense matrix products: columns first, over the low resolution's rows, then rows.
    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width)
    {
        var (low, lowWidth) = (inputs[0].Height.Resolve(height), inputs[0].Width.Resolve(width));
        var (high, highWidth) = (output.Height.Resolve(height), output.Width.Resolve(width));
        return (long)output.Channels * Kernel * low * highWidth * (Kernel * lowWidth + high);
    }

    // Its operand in the order of the product, and what lies between the two: columns are interpolated, rows not yet.
    public override long Scratch(Node node, Workload work, bool frozen) =>
        work.Bytes(node.Inputs[0].Shape)
        + 4L
            * work.Batch
            * node.Shape.Channels
            * Kernel
            * node.Inputs[0].Shape.Height.Resolve(work.Height)
            * node.Shape.Width.Resolve(work.Width);
}
