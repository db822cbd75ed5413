using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Targets.LibTorch;

/// <summary>The same values in another number format; only the training graph as it is run has it.</summary>
public sealed record Cast(Precision To) : Pointwise
{
    public override string Name => "cast";
    public override Precision? Casts => To;

    public override Traits Traits =>
        new(Saves.Nothing, Computing.AsOperands, ResultMemory.Shared, ResultLayout.AsFirst, CanOverwrite: false, IsPure: true);
}
