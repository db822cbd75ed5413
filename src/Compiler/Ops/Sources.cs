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

/// <summary>A trained 1x1 map.</summary>
[Primitive("parameter")]
public sealed record LearnedMap([Bounds(1, 65_536)] int Channels, MapInit Init = MapInit.Zeros) : Op
{
    public override string Name => "parameter";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Shared, ResultLayout.ChannelsFirst, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        new(Channels, Extent.Pixels(1), Extent.Pixels(1));

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [
            new(
                "",
                [1, Channels, 1, 1],
                Init switch
                {
                    MapInit.Ones => Initializer.Ones,
                    MapInit.Normal => Initializer.Normal,
                    _ => Initializer.Zeros,
                }
            ),
        ];
}

public enum MapInit
{
    Zeros,
    Ones,
    Normal,
}

/// <summary>
/// Canny's edges (Canny 1986) of the picture with intensities in 0..255: 3x3 Sobel, the channel with the largest gradient, L1
/// norm, hysteresis between the two thresholds, exactly as OpenCV's default; 0 or 1, no gradient. Undoes the normalisation of
/// `image` first. </summary>
[Primitive("canny", "image")]
public sealed record Canny([Bounds(0, 10_000)] double Low, [Bounds(0, 10_000)] double High) : Op
{
    public override string Name => "canny";

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
