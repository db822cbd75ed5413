using TorchSharp;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Numbers for TorchSharp's operations. The Scalar that TorchSharp makes of a number has a finalizer and nothing that holds it
/// while libtorch reads it: in <c>x * 0.5</c> a garbage collection on another thread frees it under the running operation, which
/// then fails with "Unknown scalar type" or computes with what lies there (a dozen in a million products while another thread
/// collects). The same befalls operations that make a Scalar themselves, as every sum does for its factor of 1. BannedSymbols.txt
/// keeps both out of this project and its tests. </summary>
public static class HeldScalars
{
    // An operation reads its scalars before it returns, and none takes as many as this.
    const int Depth = 64;

    // Never finalised.
    static readonly Scalar One = 1L.ToScalar();

    [ThreadStatic]
    static Scalar?[]? ring;

    [ThreadStatic]
    static int next;

    /// <summary>A scalar that lives until this thread has asked for <see cref="Depth"/> more: for the arguments of one
    /// operation.</summary>
    public static Scalar Held(double value) => Hold(value.ToScalar());

    /// <inheritdoc cref="Held(double)"/>
    public static Scalar Held(long value) => Hold(value.ToScalar());

    /// <summary>left + right</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    /// <inheritdoc cref="Plus(Tensor, Tensor)"/>
    public static Tensor Plus(this Tensor left, double right) => left.add(Held(right), One);

    /// <summary>left += right, in left's memory.</summary>
    /// <returns>left</returns>
    public static Tensor PlusInPlace(this Tensor left, Tensor right) => left.add_(right, One);

    /// <inheritdoc cref="PlusInPlace(Tensor, Tensor)"/>
    public static Tensor PlusInPlace(this Tensor left, long right) => left.add_(Held(right), One);

    static Scalar Hold(Scalar scalar)
    {
        ring ??= new Scalar?[Depth];
        ring[next]?.Dispose();
        ring[next] = scalar;
        next = (next + 1) % Depth;
        return scalar;
    }
}
