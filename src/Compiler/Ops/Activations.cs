using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Compiler.Ops;

/// <summary>What is computed element by element, or over the channels of a pixel: the shape stays.</summary>
public abstract record Pointwise : Op
{
    public override TensorShape? Infer(ImmutableArray<TensorShape> inputs, IShapeErrors errors) => inputs[0];
}

[Primitive("relu", "x")]
public sealed record Relu : Pointwise { public override string Name => "relu"; }

[Primitive("relu6", "x")]
public sealed record Relu6 : Pointwise { public override string Name => "relu6"; }

/// <summary>x times the normal distribution function of x, exactly (Hendrycks and Gimpel 2016).</summary>
[Primitive("gelu", "x")]
public sealed record Gelu : Pointwise { public override string Name => "gelu"; }

/// <summary>x times its logistic function, also called swish (Elfwing et al. 2018).</summary>
[Primitive("silu", "x")]
public sealed record Silu : Pointwise { public override string Name => "silu"; }

/// <summary>x * relu6(x + 3) / 6 (Howard et al. 2019).</summary>
[Primitive("hard_swish", "x")]
public sealed record HardSwish : Pointwise { public override string Name => "hard_swish"; }

/// <summary>relu6(x + 3) / 6</summary>
[Primitive("hard_sigmoid", "x")]
public sealed record HardSigmoid : Pointwise { public override string Name => "hard_sigmoid"; }

[Primitive("sigmoid", "x")]
public sealed record Sigmoid : Pointwise { public override string Name => "sigmoid"; }

[Primitive("tanh", "x")]
public sealed record Tanh : Pointwise { public override string Name => "tanh"; }

/// <summary>Over the channels.</summary>
[Primitive("softmax", "x")]
public sealed record Softmax : Pointwise { public override string Name => "softmax"; }

[Primitive("exp", "x")]
public sealed record Exp : Pointwise { public override string Name => "exp"; }

/// <summary>Natural logarithm.</summary>
[Primitive("log", "x")]
public sealed record Log : Pointwise { public override string Name => "log"; }

/// <summary>Zeroes elements with probability <paramref name="Rate"/> while training and scales the others (Srivastava et al. 2014).</summary>
[Primitive("dropout", "x")]
public sealed record Dropout([Bounds(0, 0.999)] double Rate = 0.5) : Pointwise
{
    public override string Name => "dropout";
    public override bool IsPure => false;
}

/// <summary>Zeroes whole samples with probability <paramref name="Rate"/> while training and scales the others (Huang et al. 2016).</summary>
[Primitive("drop_path", "x")]
public sealed record DropPath([Bounds(0, 0.999)] double Rate = 0.1) : Pointwise
{
    public override string Name => "drop_path";
    public override bool IsPure => false;
}

/// <summary>The same values in another number format; only the training graph as it is run has it.</summary>
public sealed record Cast(Precision To) : Pointwise
{
    public override string Name => "cast";
    public override Precision? Casts => To;
}

/// <summary>x * multiplier + offset; what `2 * x`, `x - 1` and `-x` become.</summary>
public sealed record Affine(double Multiplier, double Offset) : Pointwise { public override string Name => "affine"; }
