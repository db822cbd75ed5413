using System.Numerics;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>
/// A counter-based generator: draw number n of key k is <see cref="SplitMix64"/> of k + n * golden ratio.
/// Keys are derived, never shared, so that one more draw in one part of a scene leaves the other parts as they were.
/// </summary>
sealed class CounterRandom(ulong key)
{
    ulong counter;

    public CounterRandom(long seed, Split split, int index)
        : this(Mix(Mix(Mix((ulong)seed) + (ulong)split + 1) + (ulong)index + 1)) { }

    public static ulong Mix(ulong z) => SplitMix64.Next(z);

    /// <summary>An independent generator for one part of the scene.</summary>
    public CounterRandom Fork(int part) => new(Mix(key ^ Mix((ulong)part + 77)));

    public uint Bits() => (uint)(Mix(key + SplitMix64.Step * ++counter) >> 32);

    /// <summary>Uniform in [0, 1).</summary>
    public float Unit() => (Bits() >> 8) * (1f / 16777216f);

    public float Range(float low, float high) => low + (high - low) * Unit();

    /// <summary>Uniform integer in [low, high], both included.</summary>
    public int Integer(int low, int high) => low + (int)(Bits() % (uint)(high - low + 1));

    public bool Chance(float probability) => Unit() < probability;

    public T Pick<T>(ReadOnlySpan<T> items) => items[Integer(0, items.Length - 1)];

    /// <summary>A colour near <paramref name="color"/>: brightness and each channel vary by up to
    /// <paramref name="spread"/>.</summary>
    public Vector3 Near(Vector3 color, float spread)
    {
        float light = Range(1f - spread, 1f + spread);
        float tint = spread * 0.35f;
        return color * light * new Vector3(Range(1f - tint, 1f + tint), Range(1f - tint, 1f + tint), Range(1f - tint, 1f + tint));
    }
}
