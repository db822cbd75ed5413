using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

[Primitive("max_pool", "x")]
public sealed record MaxPool([Bounds(1, 255)] int Kernel = 2, [Bounds(0, 64)] int Stride = 0, Padding Padding = default) : Op
{
    public override string Name => "max_pool";

    public override Traits Traits =>
        new(
            Saves.FirstOperand | Saves.Positions,
            Computing.AsOperands,
            ResultMemory.Own,
            ResultLayout.AsFirst,
            CanOverwrite: false,
            IsPure: true
        );

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    // libtorch notes the positions even where nobody asks for them.
    public override long Scratch(Node node, Workload work, bool frozen) => frozen ? 2 * work.Bytes(node) : 0;

    /// <summary>The stride in force: the kernel's size where none was given.</summary>
    public int Step => Stride == 0 ? Kernel : Stride;

    /// <summary>Pixels on each side: like a convolution's, and none where an even window tiles the map.</summary>
    public Padding Border => Padding.Pixels is null && Kernel % 2 == 0 && Kernel == Step ? new(0) : Padding;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var x = inputs[0];
        if (Border.Resolve(Kernel, 1) * 2 > Kernel)
            return errors.Invalid($"padding {Border} is more than half of kernel {Kernel}");
        // An even window that tiles the map: H/2 exactly, given a size that the stride divides.
        if (Padding.Pixels is null && Kernel % 2 == 0 && Kernel == Step)
            return new(x.Channels, x.Height.Over(Step), x.Width.Over(Step));
        return Windows.Infer(x, x.Channels, Kernel, Step, 1, Padding, Padding.Resolve(Kernel, 1), errors);
    }
}

/// <summary>The mean over all pixels: a 1x1 map.</summary>
[Primitive("global_avg_pool", "x")]
public sealed record GlobalAvgPool : Op
{
    public override string Name => "global_avg_pool";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        new(inputs[0].Channels, Extent.Pixels(1), Extent.Pixels(1));
}

/// <summary>Means over a grid of size x size cells, as torch.nn.AdaptiveAvgPool2d.</summary>
[Primitive("adaptive_avg_pool", "x")]
public sealed record AdaptiveAvgPool([Bounds(1, 1024)] int Size) : Op
{
    public override string Name => "adaptive_avg_pool";

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        new(inputs[0].Channels, Extent.Pixels(Size), Extent.Pixels(Size));
}
