namespace Mtlc.Compiler.Ir;

/// <summary>
/// What planning and passes must know of an operation. Each operation tells all of it, since nothing of it can be guessed: a
/// wrong guess is memory that was not planned, or a number that somebody else still reads. </summary>
/// <param name="CanOverwrite">Whether there is a form of it that writes over its operand.</param>
/// <param name="IsPure">Whether it does the same in training and evaluation and depends on its operands and parameters
/// alone.</param>
public sealed record Traits(
    Saves Saves,
    Computing Computes,
    ResultMemory Memory,
    ResultLayout Layout,
    bool CanOverwrite,
    bool IsPure
);

/// <summary>What the backward pass reads of it.</summary>
[Flags]
public enum Saves
{
    Nothing = 0,
    FirstOperand = 1,
    Operands = 2,
    Result = 4,

    /// <summary>A map of the result's size, of which only the backward pass knows.</summary>
    Mask = 8,

    /// <summary>For each element of the result where it comes from, as int64.</summary>
    Positions = 16,
}

/// <summary>The number format that it computes in where a program asks for a low precision (Micikevicius et al. 2018).</summary>
public enum Computing
{
    /// <summary>In the low one: products, whose sums the hardware keeps in float32.</summary>
    Low,

    /// <summary>In float32: what adds up over many pixels or channels, or grows fast.</summary>
    Float32,

    /// <summary>In that of its operands; in float32 where they differ.</summary>
    AsOperands,
}

/// <summary>Whose memory its result lies in.</summary>
public enum ResultMemory
{
    Own,

    /// <summary>Its own where it has several operands; else <see cref="Shared"/>.</summary>
    OwnOfSeveral,

    /// <summary>Always its first operand's.</summary>
    Operand,

    /// <summary>It may be an operand's, a parameter's or the caller's: nobody may write there.</summary>
    Shared,
}

/// <summary>In which order its result's numbers lie, on a device whose convolutions read and write channels last.</summary>
public enum ResultLayout
{
    /// <summary>Rows of one channel after the other.</summary>
    ChannelsFirst,

    /// <summary>As its first operand.</summary>
    AsFirst,

    /// <summary>Channels last where all operands do.</summary>
    AsAll,

    /// <summary>As its first operand, with gaps between.</summary>
    WithGaps,
}
