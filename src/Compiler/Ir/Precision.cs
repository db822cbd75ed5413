namespace Mtlc.Compiler.Ir;

/// <summary>A number format.</summary>
public enum Precision
{
    /// <summary>24 bits of mantissa.</summary>
    Float32,

    /// <summary>8 bits of mantissa, the range of float32.</summary>
    Bf16,

    /// <summary>11 bits of mantissa, from 6e-8 to 65504: losses are scaled so that small gradients are not lost.</summary>
    Fp16,
}
