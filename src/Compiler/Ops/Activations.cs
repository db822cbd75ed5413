using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>What is computed element by element, or over the channels of a pixel, with nothing beside: the shape stays.</summary>
public abstract record Pointwise : Op
{
    public override bool IsByPosition => true;

    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0];

    public override long MultiplyAdds(ImmutableArray<TensorShape> inputs, TensorShape output, int height, int width) => 0;

    public override long Scratch(Node node, Workload work, bool frozen) => 0;

    /// <summary>Of what makes a new map of the same numbers whenever it is asked.</summary>
    protected static Traits Function(Saves saves, Computing computes, bool canOverwrite) =>
        new(saves, computes, ResultMemory.Own, ResultLayout.AsFirst, canOverwrite, IsPure: true);
}

[Primitive("relu", "x")]
public sealed record Relu : Pointwise
{
    public override string Name => "relu";
    public override Traits Traits => Function(Saves.Result, Computing.AsOperands, canOverwrite: true);
}

[Primitive("relu6", "x")]
public sealed record Relu6 : Pointwise
{
    public override string Name => "relu6";
    public override Traits Traits => Function(Saves.FirstOperand, Computing.AsOperands, canOverwrite: true);
}

/// <summary>x times the normal distribution function of x, exactly (Hendrycks and Gimpel 2016).</summary>
[Primitive("gelu", "x")]
public sealed record Gelu : Pointwise
{
    public override string Name => "gelu";
    public override Traits Traits => Function(Saves.FirstOperand, Computing.AsOperands, canOverwrite: false);
}

/// <summary>x times its logistic function, also called swish (Elfwing et al. 2018).</summary>
[Primitive("silu", "x")]
public sealed record Silu : Pointwise
{
    public override string Name => "silu";
    public override Traits Traits => Function(Saves.FirstOperand, Computing.AsOperands, canOverwrite: true);
}

/// <summary>x * relu6(x + 3) / 6 (Howard et al. 2019).</summary>
[Primitive("hard_swish", "x")]
public sealed record HardSwish : Pointwise
{
    public override string Name => "hard_swish";
    public override Traits Traits => Function(Saves.FirstOperand, Computing.AsOperands, canOverwrite: true);
}

/// <summary>relu6(x + 3) / 6</summary>
[Primitive("hard_sigmoid", "x")]
public sealed record HardSigmoid : Pointwise
{
    public override string Name => "hard_sigmoid";
    public override Traits Traits => Function(Saves.FirstOperand, Computing.AsOperands, canOverwrite: false);
}

[Primitive("sigmoid", "x")]
public sealed record Sigmoid : Pointwise
{
    public override string Name => "sigmoid";
    public override Traits Traits => Function(Saves.Result, Computing.AsOperands, canOverwrite: true);
}

[Primitive("tanh", "x")]
public sealed record Tanh : Pointwise
{
    public override string Name => "tanh";
    public override Traits Traits => Function(Saves.Result, Computing.AsOperands, canOverwrite: true);
}

/// <summary>Over the channels.</summary>
[Primitive("softmax", "x")]
public sealed record Softmax : Pointwise
{
    public override string Name => "softmax";
    public override Traits Traits => Function(Saves.Result, Computing.Float32, canOverwrite: false);
}

[Primitive("exp", "x")]
public sealed record Exp : Pointwise
{
    public override string Name => "exp";
    public override Traits Traits => Function(Saves.Result, Computing.Float32, canOverwrite: true);
}

/// <summary>Natural logarithm.</summary>
[Primitive("log", "x")]
public sealed record Log : Pointwise
{
    public override string Name => "log";
    public override Traits Traits => Function(Saves.FirstOperand, Computing.Float32, canOverwrite: true);
}

/// <summary>Zeroes elements with probability <paramref name="Rate"/> while training and scales the others (Srivastava et al.
/// 2014).</summary>
[Primitive("dropout", "x")]
public sealed record Dropout([Bounds(0, 0.999)] double Rate = 0.5) : Pointwise
{
    public override string Name => "dropout";

    public override Traits Traits =>
        new(Saves.Mask, Computing.AsOperands, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: false);
}

/// <summary>Zeroes whole samples with probability <paramref name="Rate"/> while training and scales the others (Huang et al.
/// 2016).</summary>
[Primitive("drop_path", "x")]
public sealed record DropPath([Bounds(0, 0.999)] double Rate = 0.1) : Pointwise
{
    public override string Name => "drop_path";

    // Its mask is one number a sample.
    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: false);
}

/// <summary>x * multiplier + offset; what `2 * x`, `x - 1` and `-x` become.</summary>
public sealed record Affine(double Multiplier, double Offset) : Pointwise
{
    public override string Name => "affine";
    public override Traits Traits => Function(Saves.Nothing, Computing.AsOperands, canOverwrite: false);
}
