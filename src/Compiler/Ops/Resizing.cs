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
/// <param name="AlignCorners">Whether the corners' pixels stay where they are, and not the borders.</param>
/// <param name="Antialias">Whether a larger map is smoothed on the way to a smaller one.</param>
/// <param name="Offset">Added to the size from which the scale is taken: 0.1 in DINOv2's code for its positions.</param>
[Primitive("resize_like", "x", "like")]
public sealed record ResizeLike(
    Sampling Mode = Sampling.Bilinear,
    bool AlignCorners = false,
    bool Antialias = false,
    [Bounds(0, 0.5)] double Offset = 0
) : Op
{
    public override string Name => "resize_like";

    // To the size that it has already, it is its operand.
    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override bool ReadsValues(int operand) => operand == 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        Mode == Sampling.Nearest && (AlignCorners || Antialias)
            ? errors.Invalid("nearest pixels have no corners and no smoothing")
        : AlignCorners && Offset > 0 ? errors.Invalid("an offset moves the borders, and align_corners has none")
        : inputs[1].WithChannels(inputs[0].Channels);
}
