using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>
/// A map that carries tokens (Dosovitskiy et al. 2021): the first operand with the pixels of the others, which have fixed
/// sizes, as tokens before its own. </summary>
[Primitive("with_tokens", Variadic = true)]
public sealed record WithTokens : Op
{
    public override string Name => "with_tokens";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);

    public override bool Takes(int operand, TensorShape shape) =>
        shape.IsPlain || operand == 0 && (shape with { Tokens = 0 }).IsPlain;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var tokens = (long)inputs[0].Tokens;
        for (var i = 1; i < inputs.Length; i++)
        {
            if (inputs[i].Channels != inputs[0].Channels)
                return errors.ChannelsDiffer(0, i);
            if (!inputs[i].Height.IsFixed || !inputs[i].Width.IsFixed)
                return errors.Invalid($"tokens have a fixed number, and {inputs[i]} grows with the picture");
            tokens += inputs[i].WithChannels(1).Elements(1, 1);
        }
        if (inputs.Length == 1)
            return errors.Invalid("there is no token", "write with_tokens(map, tokens)");
        return tokens > 1 << 16 ? errors.Invalid($"{tokens} tokens are too many") : inputs[0] with { Tokens = (int)tokens };
    }
}

/// <summary>The map alone of one that carries tokens.</summary>
[Primitive("pixels", "x")]
public sealed record Pixels : Op
{
    public override string Name => "pixels";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Operand, ResultLayout.WithGaps, CanOverwrite: false, IsPure: true);

    public override bool Takes(int operand, TensorShape shape) => (shape with { Tokens = 0 }).IsPlain;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0] with { Tokens = 0 };
}

/// <summary>Tokens start, start + 1, ... that a map carries, as a map of one row.</summary>
/// <param name="Count">0: all from <paramref name="Start"/> on.</param>
[Primitive("tokens", "x")]
public sealed record TokensOf([Bounds(0, 65_536)] int Start = 0, [Bounds(0, 65_536)] int Count = 0) : Op
{
    public override string Name => "tokens";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Operand, ResultLayout.WithGaps, CanOverwrite: false, IsPure: true);

    public override bool Takes(int operand, TensorShape shape) => (shape with { Tokens = 0 }).IsPlain;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var x = inputs[0];
        if (x.Tokens == 0)
            return errors.Invalid("there is no token beside the pixels", "with_tokens(map, tokens) adds some");
        var count = Count == 0 ? x.Tokens - Start : Count;
        return count >= 1 && Start + count <= x.Tokens
            ? new(x.Channels, Extent.Pixels(1), Extent.Pixels(count))
            : errors.Invalid($"tokens {Start} to {Start + Math.Max(1, count) - 1} of {x.Tokens}");
    }
}
