namespace Mtlc.Runtime.Weights;

/// <summary>What a stored tensor is made of; all little-endian.</summary>
public enum ElementType
{
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    Bool,

    // These have a size, so that what lies behind them can be found, but no number that a weight could be.
    Complex64,
    Complex128,
    Quantized8,
    Quantized32,
}

public static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) =>
        type switch
        {
            ElementType.Complex128 => 16,
            ElementType.Float64 or ElementType.Int64 or ElementType.Complex64 => 8,
            ElementType.Float32 or ElementType.Int32 or ElementType.Quantized32 => 4,
            ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
            _ => 1,
        };

    public static bool IsInteger(this ElementType type) => type is >= ElementType.Int64 and <= ElementType.Bool;
}
