using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// The picture, `image` in the language: 3 channels, red, green, blue, normalised with ImageNet's mean (0.485, 0.456, 0.406) and
/// deviation (0.229, 0.224, 0.225) of intensities in 0..1.
/// </summary>
public sealed record Image : Op
{
    public override string Name => "image";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => TensorShape.Input(3);
}

/// <summary>A trained map of a fixed size, the same for every picture.</summary>
/// <param name="Tokens">How many tokens it carries.</param>
/// <param name="Stored">How its numbers lie in the state dict.</param>
/// <param name="Value">Where it starts with the init `constant`.</param>
[Primitive("parameter")]
public sealed record LearnedMap(
    [Bounds(1, 65_536)] int Channels,
    MapInit Init = MapInit.Zeros,
    [Bounds(1, 1024)] int Height = 1,
    [Bounds(1, 1024)] int Width = 1,
    [Bounds(0, 65_536)] int Tokens = 0,
    Stored Stored = Stored.Map,
    [Bounds(-1e6, 1e6)] double Value = 0
) : Op
{
    public override string Name => "parameter";
    public override bool IsConstant => true;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    int Positions => Tokens + Height * Width;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        Stored is Stored.Column or Stored.Vector && Positions > 1
            ? errors.Invalid(
                $"one position is stored as a {(Stored == Stored.Column ? "column" : "vector")}, and these are {Positions}"
            )
        : Stored == Stored.Map && Tokens > 0 ? errors.Invalid("a map that carries tokens is stored as `tokens` or `rows`")
        : new(Channels, Extent.Pixels(Height), Extent.Pixels(Width)) { Tokens = Tokens };

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [
            new(
                "",
                Stored switch
                {
                    Stored.Tokens => [1, Positions, Channels],
                    Stored.Rows => [Positions, Channels],
                    Stored.Column => [Channels, 1, 1],
                    Stored.Vector => [Channels],
                    _ => [1, Channels, Height, Width],
                },
                Init switch
                {
                    MapInit.Ones => Initializer.Ones,
                    MapInit.Normal => Initializer.Normal,
                    MapInit.Constant => Initializer.Constant,
                    _ => Initializer.Zeros,
                }
            )
            {
                Value = Value,
            },
        ];
}

/// <summary>The shape of a <see cref="LearnedMap"/> in the state dict, where L are its tokens and pixels.</summary>
public enum Stored
{
    /// <summary>[1, C, H, W]</summary>
    Map,

    /// <summary>[1, L, C]</summary>
    Tokens,

    /// <summary>[L, C]</summary>
    Rows,

    /// <summary>[C, 1, 1]</summary>
    Column,

    /// <summary>[C]</summary>
    Vector,
}

public enum MapInit
{
    Zeros,
    Ones,
    Normal,
    Constant,
}

/// <summary>
/// Canny's edges (Canny 1986) of the picture with intensities in 0..255: 3x3 Sobel, the channel with the largest gradient, L1
/// norm, hysteresis between the two thresholds, exactly as OpenCV's default; 0 or 1, no gradient. Undoes the normalisation of
/// `image` first. </summary>
[Primitive("canny", "image")]
public sealed record Canny([Bounds(0, 10_000)] double Low, [Bounds(0, 10_000)] double High) : Op
{
    public override string Name => "canny";
    public override bool NeedsPicture => true;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Own, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    // Intensities, and bytes in either layout.
    public override long Scratch(Node node, Workload work, bool frozen) => 3 * work.Bytes(node.Inputs[0]) / 2;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0] == TensorShape.Input(3)
            ? inputs[0].WithChannels(1)
            : errors.Invalid($"the operand is {inputs[0]}, and must be the picture itself", "write canny(image, ...)");
}
