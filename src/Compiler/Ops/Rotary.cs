using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// Rotary positions along both axes (Su et al. 2021; Siméoni et al. 2025, DINOv3): pairs of a head's channels, half a head
/// apart, are turned by 2 pi p / base^(4 i / channels of a head), for the first half of the pairs with p the row and for the
/// second with p the column, from -1 to 1 between the map's borders. Tokens stay as they are. </summary>
[Primitive("rotary", "x")]
public sealed record Rotary([Bounds(1, 1024)] int Heads, [Bounds(1, 1e9, Above = true)] double Base = 100) : Op
{
    public override string Name => "rotary";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.Float32, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override bool Takes(int operand, TensorShape shape) => (shape with { Tokens = 0 }).IsPlain;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    // Both products.
    public override long Scratch(Node node, Workload work, bool frozen) => 2 * work.Bytes(node);

    // Sine and cosine, once for the batch.
    public override long Kept(Node node, Workload work) => 2 * work.Bytes(node) / work.Batch / Heads;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        inputs[0].Channels % (4 * Heads) == 0
            ? inputs[0]
            : errors.Invalid($"{inputs[0].Channels} channels do not divide into {Heads} heads of a multiple of 4 channels");

    /// <summary>[height x width, channels of a head / 2] in row-major order: by which angle each pixel turns each pair.</summary>
    public double[] Angles(int channels, int height, int width)
    {
        var (pairs, angles) = (channels / Heads / 2, new double[height * width * (channels / Heads / 2)]);
        for (var pixel = 0; pixel < height * width; pixel++)
        {
            var (row, column) = (2 * (pixel / width + 0.5) / height - 1, 2 * (pixel % width + 0.5) / width - 1);
            for (var pair = 0; pair < pairs; pair++)
            {
                var period = Math.Pow(Base, 2.0 * (pair % (pairs / 2)) / pairs);
                angles[pixel * pairs + pair] = 2 * Math.PI * (pair < pairs / 2 ? row : column) / period;
            }
        }
        return angles;
    }
}
