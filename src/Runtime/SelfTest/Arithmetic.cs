namespace Mtlc.Runtime.SelfTest;

/// <summary>How a device rounds the products of a sum.</summary>
/// <param name="Operands">What each factor is rounded by before it is multiplied, as a share of it.</param>
/// <param name="PerTerm">Roundings for each term of a sum.</param>
/// <param name="Name">As it is told to people.</param>
readonly record struct Arithmetic(double Operands, double PerTerm, string Name)
{
    /// <summary>Single precision.</summary>
    public static Arithmetic Float32 => new(0, 1, "float32");

    /// <summary>
    /// NVIDIA's tensor cores on single precision: factors keep 10 bits behind the point, and sums are cut off instead of rounded
    /// (Fasi, Higham, Mikaitis and Pranesh, Numerical behavior of NVIDIA tensor cores, PeerJ Computer Science 7:e330, 2021).
    /// </summary>
    public static Arithmetic TensorFloat32 => new(1.0 / (1 << 10), 2, "tf32");

    /// <summary>How far a sum of so many products may be off, as a share of the sum of their sizes.</summary>
    public double OfSum(int terms) => (1 + Operands) * (1 + Operands) * (1 + Bounded.Gamma(PerTerm * terms)) - 1;
}
