namespace Mtlc.Compiler.Ir;

/// <summary>What of a depth in metres a network regresses, standardised: itself, its logarithm or its reciprocal.</summary>
public enum DepthUnit
{
    Metres,
    Log,
    Inverse,
}
