using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// A matrix over the channels with low-rank ones beside it (LoRA, Hu et al. 2021): W x + b + factor * B A x. Each range of
/// outputs has an A [rank, in] and a B [range, rank] of its own; they lie one behind the other in `lora_a` and `lora_b`, so
/// that queries and values that are made by one matrix are adapted apart. </summary>
/// <param name="Whole">A <see cref="Linear"/>, or a <see cref="Conv"/> of single pixels.</param>
/// <param name="On">The outputs that are adapted.</param>
public sealed record Adapted(Op Whole, int Rank, double Factor, ImmutableArray<ChannelRange> On) : Op
{
    public override string Name => $"{Whole.Name}_lora";
    public override bool IsByPosition => Whole.IsByPosition;
    public override Traits Traits => Whole.Traits;

    /// <summary>Rows of `lora_a`.</summary>
    public int Low => On.Length * Rank;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => Whole.Infer(inputs, errors);

    public override ImmutableArray<ParameterSpec> Parameters(ImmutableArray<TensorShape> inputs) =>
        [.. Whole.Parameters(inputs), .. Beside(inputs)];

    /// <summary>What it has besides the parameters of <see cref="Whole"/>.</summary>
    public ImmutableArray<ParameterSpec> Beside(ImmutableArray<TensorShape> inputs) =>
        [
            new("lora_a", [Low, inputs[0].Channels], Initializer.Uniform, FanIn: inputs[0].Channels, FanOut: Low),
            new("lora_b", [On.Sum(r => r.Count), Rank], Initializer.Zeros, FanIn: Rank, FanOut: On.Sum(r => r.Count)),
        ];

    /// <summary>Whether an operation is a matrix over the channels of each position.</summary>
    public static bool Takes(Op op) => op is Linear or Conv { Kernel: 1, Stride: 1, Groups: 1, Margin: 0 };

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) =>
        Whole.MultiplyAdds(inputs, output, height, width)
        + Low * (output.WithChannels(inputs[0].Channels).Elements(height, width) + output.Elements(height, width));

    // A x
    public override long Kept(Node node, Workload work) => work.Bytes(node) / node.Shape.Channels * Low;

    // B A x
    public override long Scratch(Node node, Workload work, bool frozen) => Whole.Scratch(node, work, frozen) + work.Bytes(node);
}
