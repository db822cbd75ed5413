using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Training.Balancing;

/// <summary>Random numbers as a pure function of (seed, step), so that a resume needs no generator.</summary>
struct SeededDraws(long seed, long step)
{
    ulong state = SplitMix64.Mix(SplitMix64.Mix((ulong)seed) ^ (ulong)step);

    public ulong Next() => SplitMix64.Mix(state += SplitMix64.Step);

    /// <summary>Uniform in (0, 1].</summary>
    public double Uniform() => ((Next() >> 11) + 1) * (1.0 / (1UL << 53));

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public double Normal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(Uniform()));
        return radius * Math.Cos(2 * Math.PI * Uniform());
    }

    /// <summary>A permutation of the items (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)(Next() % (ulong)(i + 1));
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
