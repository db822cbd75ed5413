using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Ops;

/// <summary>Activations that overwrite an operand that nobody else reads: only a frozen graph has them.</summary>
public enum Overwriting { Relu, Relu6, Sigmoid, Tanh, Exp, Log, Silu, HardSwish }

/// <summary>An activation that overwrites its operand.</summary>
public sealed record InPlace(Overwriting Activation) : Pointwise
{
    public override string Name => Binding.Signature.Snake(Activation.ToString()) + "_";

    public override bool IsPure => false;

    /// <summary>Null for operations that have no such form.</summary>
    public static InPlace? Of(Op op) => op switch
    {
        Relu => new(Overwriting.Relu),
        Relu6 => new(Overwriting.Relu6),
        Sigmoid => new(Overwriting.Sigmoid),
        Tanh => new(Overwriting.Tanh),
        Exp => new(Overwriting.Exp),
        Log => new(Overwriting.Log),
        Silu => new(Overwriting.Silu),
        HardSwish => new(Overwriting.HardSwish),
        _ => null,
    };
}
