using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>How pixels between pixels are made, as torch.nn.functional.interpolate with align_corners=False: all are linear, and
/// constant maps stay.</summary>
public enum Sampling
{
    Bilinear,
    Nearest,
    Bicubic,
}

/// <summary>To <paramref name="Scale"/> times the resolution.</summary>
[Primitive("resize", "x")]
public sealed record Resize([Bounds(1, 64)] int Scale, Sampling Mode = Sampling.Bilinear) : Op
{
    public override string Name => "resize";

    // To the size that it has already, it is its operand.
    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0] with
        {
            Height = inputs[0].Height.Times(Scale),
            Width = inputs[0].Width.Times(Scale),
        };
}

/// <summary>To the resolution of its second operand, whose content is not read.</summary>
[Primitive("resize_like", "x", "like")]
public sealed record ResizeLike(Sampling Mode = Sampling.Bilinear) : Op
{
    public override string Name => "resize_like";

    // To the size that it has already, it is its operand.
    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override bool ReadsValues(int operand) => operand == 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[1].WithChannels(inputs[0].Channels);
}
