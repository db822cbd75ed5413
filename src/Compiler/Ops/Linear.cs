using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// The channels of each pixel through a matrix, weight [out, in], as torch.nn.Linear on a map whose channels come last: a 1x1
/// convolution whose weight has two dimensions in the state dict, as transformers' have. </summary>
/// <param name="Bare">The weight is called as the value, without `.weight`, and there is no bias: `in_proj_weight` of
/// torch.nn.MultiheadAttention.</param>
[Primitive("linear", "x")]
public sealed record Linear([Bounds(1, 65_536)] int Out, bool Bias = true, ConvInit Init = ConvInit.Default, bool Bare = false)
    : Op
{
    public override string Name => "linear";
    public override bool IsByPosition => true;

    /// <summary>Whether there is a bias.</summary>
    public bool HasBias => Bias && !Bare;

    public override Traits Traits =>
        new(Saves.FirstOperand, Computing.Low, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0].WithChannels(Out);

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs)
    {
        var made = Init.Parameters([Out, inputs[0].Channels], HasBias ? Out : 0, fanIn: inputs[0].Channels, fanOut: Out);
        return Bare ? [made[0] with { Name = "" }] : made;
    }

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        output.Elements(height, width) * inputs[0].Channels;

    // Copies in the layout of the kernel (oneDNN).
    public override long Scratch(Node node, Workload work, bool frozen) =>
        work.Bytes(node.Inputs[0]) + work.Bytes(node) + Workload.Bytes(node.Parameters[0]);
}
