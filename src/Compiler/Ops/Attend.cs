using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// Scaled dot-product attention over positions (Vaswani et al. 2017): each pixel of q [C, H, W] is a query, each pixel of k [C,
/// h, w] a key whose value is the pixel of v [D, h, w]; the result is [D, H, W]. Tokens are positions like pixels. Channels are
/// divided into heads one behind the other: softmax(scale q_i k_i^T) v_i. </summary>
/// <param name="Scale">0: 1 / sqrt(channels of a head).</param>
[Primitive("attend", "q", "k", "v")]
public sealed record Attend([Bounds(1, 1024)] int Heads = 1, [Bounds(0, 1e6)] double Scale = 0) : Op
{
    public override string Name => "attend";

    // A padded map has positions that are no pixels.
    public override bool Takes(int operand, TensorShape shape) => (shape with { Tokens = 0 }).IsPlain;

    public override Traits Traits =>
        new(
            Saves.Operands | Saves.Result,
            Computing.Low,
            ResultMemory.Own,
            ResultLayout.AsFirst,
            CanOverwrite: false,
            IsPure: true
        );

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        if (q.Channels != k.Channels)
            return errors.ChannelsDiffer(0, 1);
        if (!k.SameResolution(v))
            return errors.ResolutionsDiffer(1, 2);
        if (q.Channels % Heads != 0)
            return errors.Invalid($"{q.Channels} channels do not divide into {Heads} heads");
        return v.Channels % Heads == 0
            ? q.WithChannels(v.Channels)
            : errors.Invalid($"{v.Channels} channels of values do not divide into {Heads} heads");
    }

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        output.WithChannels(1).Elements(height, width) * (inputs[1].Elements(height, width) + inputs[2].Elements(height, width));

    // The channels of a position side by side, which is a copy where they are not.
    public override long Scratch(Node node, Workload work, bool frozen) => node.Inputs.Sum(work.Bytes);
}
