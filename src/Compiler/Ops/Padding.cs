namespace Mtlc.Compiler.Ops;

/// <summary>Zeros around a map: so many pixels on each side, or `same`, which keeps the resolution (divided by the
/// stride).</summary>
public readonly record struct Padding(int? Pixels)
{
    public static Padding Same => new(null);

    /// <summary>Pixels on each side for a kernel of this extent.</summary>
    public int Resolve(int kernel, int dilation) => Pixels ?? dilation * (kernel - 1) / 2;

    public override string ToString() => Pixels is { } pixels ? FormattableString.Invariant($"{pixels}") : "same";
}
