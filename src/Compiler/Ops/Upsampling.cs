using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// Transposed convolution with weight [in, out / groups, kernel, kernel], as torch.nn.functional.conv_transpose2d, to exactly
/// stride times the resolution: padding is half of kernel - stride, rounded up, and the output padding what is then missing.
/// </summary>
[Primitive("conv_transpose", "x")]
public sealed record ConvTranspose(
    [Bounds(1, 65_536)] int Out,
    [Bounds(1, 255)] int Kernel = 2,
    [Bounds(1, 64)] int Stride = 2,
    [Bounds(1, 65_536)] int Groups = 1,
    bool Bias = true
) : Op
{
    public override string Name => "conv_transpose";

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Low, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public int Margin => (Kernel - Stride + 1) / 2;

    public int OutputMargin => 2 * Margin - (Kernel - Stride);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        if (inputs[0].Channels % Groups != 0)
            return errors.Invalid($"{inputs[0].Channels} channels do not divide into {Groups} groups");
        if (Out % Groups != 0)
            return errors.Invalid($"{Out} output channels do not divide into {Groups} groups");
        if (Kernel < Stride)
            return errors.Invalid(
                $"kernel {Kernel} is smaller than stride {Stride}: some pixels would be made of nothing",
                $"use a kernel of at least {Stride}"
            );
        return new(Out, inputs[0].Height.Times(Stride), inputs[0].Width.Times(Stride));
    }

    // PyTorch counts the fan in of a transposed convolution from its output channels.
    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs)
    {
        var fanIn = Out / Groups * Kernel * Kernel;
        return ConvInit.Default.Parameters(
            [inputs[0].Channels, Out / Groups, Kernel, Kernel],
            Bias ? Out : 0,
            fanIn,
            inputs[0].Channels * Kernel * Kernel
        );
    }

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        inputs[0].Elements(height, width) * (Out / Groups) * Kernel * Kernel;

    // Copies in the layout of the kernel (oneDNN).
    public override long Scratch(Node node, Workload work, bool frozen) =>
        work.Bytes(node.Inputs[0]) + work.Bytes(node) + Workload.Bytes(node.Parameters[0]);
}

/// <summary>Channels in blocks of factor * factor to pixels, as torch.nn.PixelShuffle (Shi et al. 2016).</summary>
[Primitive("pixel_shuffle", "x")]
public sealed record PixelShuffle([Bounds(1, 64)] int Factor) : Op
{
    public override string Name => "pixel_shuffle";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0].Channels % (Factor * Factor) != 0
            ? errors.Invalid($"{inputs[0].Channels} channels do not divide into {Factor * Factor} for each pixel")
            : new(inputs[0].Channels / (Factor * Factor), inputs[0].Height.Times(Factor), inputs[0].Width.Times(Factor));
}

/// <summary>
/// What `max_pool` took from a map back to where it stood there, and zeros elsewhere (SegNet, Badrinarayanan et al. 2017):
/// windows of kernel x kernel that tile the map <paramref name="Kernel"/> times as large, whose largest values give the places.
/// No gradient flows to that map. </summary>
[Primitive("max_unpool", "x", "pooled")]
public sealed record MaxUnpool([Bounds(2, 64)] int Kernel = 2) : Op
{
    public override string Name => "max_unpool";

    // The positions (int64) of a map at most a quarter of the result's size.
    public override Traits Traits =>
        new(Saves.Mask, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    // The pooled values, and where they stood.
    public override long Scratch(Node node, Workload work, bool frozen) => 3 * work.Bytes(node.Inputs[0]);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var (x, pooled) = (inputs[0], inputs[1]);
        if (x.Channels != pooled.Channels)
            return errors.ChannelsDiffer(0, 1);
        return pooled.Height.Over(Kernel) == x.Height && pooled.Width.Over(Kernel) == x.Width
            ? pooled
            : errors.Invalid(
                $"a map of {pooled.Resolution} pooled by {Kernel} is {pooled.Height.Over(Kernel).ToString('H')} x "
                    + $"{pooled.Width.Over(Kernel).ToString('W')}, and 'x' is {x.Resolution}"
            );
    }
}
