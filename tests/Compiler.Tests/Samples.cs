using CsCheck;

namespace Mtlc.Tests;

/// <summary>Generated inputs that are the same on every run: CsCheck's own sampling starts at its seed and goes on at random.</summary>
internal static class Samples
{
    private const int Seed = 20_261_123;

    /// <exception cref="Exception">The first failure, with the input that brought it about.</exception>
    public static void All<T>(Gen<T> inputs, int count, Action<T> check) => Parallel.For(0, count, new() { MaxDegreeOfParallelism = 2 }, i =>
    {
        var input = inputs.Generate(new PCG((uint)i, Seed), null, out _);
        try
        {
            check(input);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"sample {i}: {error.Message}\n{input}", error);
        }
    });
}
