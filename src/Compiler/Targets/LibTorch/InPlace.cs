using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>An activation that overwrites an operand that nobody else reads: only a frozen graph has it.</summary>
/// <param name="Activation">One that can (<see cref="Traits.CanOverwrite"/>).</param>
public sealed record InPlace(Op Activation) : Pointwise
{
    public override string Name => Activation.Name + "_";

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Operand, ResultLayout.AsFirst, CanOverwrite: false, IsPure: false);
}
