using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>Maps of one resolution, channels one behind the other in the order written.</summary>
[Primitive("concat", Variadic = true)]
public sealed record Concat : Op
{
    public override string Name => "concat";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(
            Saves.Nothing,
            Computing.AsOperands,
            ResultMemory.OwnOfSeveral,
            ResultLayout.AsAll,
            CanOverwrite: false,
            IsPure: true
        );

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        for (var i = 1; i < inputs.Length; i++)
        {
            if (!inputs[i].SameResolution(inputs[0]))
                return errors.ResolutionsDiffer(0, i);
        }
        var channels = inputs.Sum(i => (long)i.Channels);
        return channels > 1 << 20 ? errors.Invalid($"{channels} channels are too many") : inputs[0].WithChannels((int)channels);
    }
}

/// <summary>The sum of maps that agree in channels and resolution.</summary>
[Primitive("sum", Variadic = true)]
public sealed record Sum : Op
{
    public override string Name => "sum";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(
            Saves.Nothing,
            Computing.AsOperands,
            ResultMemory.OwnOfSeveral,
            ResultLayout.AsFirst,
            CanOverwrite: false,
            IsPure: true
        );

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        for (var i = 1; i < inputs.Length; i++)
        {
            if (inputs[i].Channels != inputs[0].Channels)
                return errors.ChannelsDiffer(0, i);
            if (!inputs[i].SameResolution(inputs[0]))
                return errors.ResolutionsDiffer(0, i);
        }
        return inputs[0];
    }
}

/// <summary>Two maps element by element; a 1x1 map or a single channel is spread over the other operand, nothing else
/// is.</summary>
public abstract record Elementwise : Op
{
    public override bool IsByPosition => true;

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors)
    {
        var (a, b) = (inputs[0], inputs[1]);
        if (a.Channels != b.Channels && a.Channels != 1 && b.Channels != 1)
            return errors.ChannelsDiffer(0, 1);
        if (!a.SameResolution(b) && !a.IsPoint && !b.IsPoint)
            return errors.ResolutionsDiffer(0, 1);
        return (a.IsPoint ? b : a).WithChannels(Math.Max(a.Channels, b.Channels));
    }
}

/// <summary>`x + y`</summary>
public sealed record Add : Elementwise
{
    public override string Name => "add";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);
}

/// <summary>`x - y`</summary>
public sealed record Subtract : Elementwise
{
    public override string Name => "subtract";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);
}

/// <summary>`x * y`</summary>
public sealed record Multiply : Elementwise
{
    public override string Name => "multiply";

    public override Traits Traits =>
        new(Saves.Operands, Computing.AsOperands, ResultMemory.Own, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);
}

/// <summary>Channels start, start + 1, ... start + count - 1.</summary>
[Primitive("slice", "x")]
public sealed record Slice([Bounds(0, 65_536)] int Start, [Bounds(1, 65_536)] int Count) : Op
{
    public override string Name => "slice";
    public override bool IsByPosition => true;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Operand, ResultLayout.WithGaps, CanOverwrite: false, IsPure: true);

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) =>
        Start + Count > inputs[0].Channels
            ? errors.Invalid($"channels {Start} to {Start + Count - 1} of a map that has {inputs[0].Channels}")
            : inputs[0].WithChannels(Count);
}
