using System.Numerics;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Synthetic;

namespace Mtlc.Runtime.Data.Loading;

/// <summary>
/// The order of samples in an epoch: a permutation that depends on seed and epoch alone. Up to <see cref="MostStored"/> samples
/// are shuffled (Fisher and Yates: every order is as likely as any other). The place of more is computed where it is asked for,
/// so that memory does not grow with them. </summary>
public sealed class EpochOrder
{
    public const int MostStored = 1 << 16;

    const int Rounds = 6;

    readonly int count,
        halfBits;
    readonly int[] stored = [];
    readonly ulong[] keys = [];

    public EpochOrder(long seed, int epoch, int count)
    {
        this.count = count;
        var random = AugmentDraw.Random(seed, epoch, -1);
        if (count <= MostStored)
        {
            stored = [.. Enumerable.Range(0, count)];
            for (var i = count - 1; i > 0; i--)
            {
                var j = (int)((ulong)random.Bits() * (ulong)(i + 1) >> 32);
                (stored[i], stored[j]) = (stored[j], stored[i]);
            }
            return;
        }
        halfBits = (BitOperations.Log2((uint)(count - 1)) + 2) / 2;
        keys = [.. Enumerable.Range(0, Rounds).Select(_ => (ulong)random.Bits() << 32 | random.Bits())];
    }

    /// <summary>The sample at a position, both from 0 to the number of samples less 1.</summary>
    public int this[int position]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)count, nameof(position));
            if (stored.Length > 0)
                return stored[position];
            // A permutation of the next power of four (less than 4 times as many), gone along until it comes back among the
            // samples.
            var place = (ulong)position;
            do place = Permuted(place);
            while (place >= (ulong)count);
            return (int)place;
        }
    }

    // Feistel's network (Luby and Rackoff 1988): (left, right) ====> (right, left ^ mix(right, key)), which can be undone
    // whatever mix is.
    ulong Permuted(ulong place)
    {
        var mask = (1ul << halfBits) - 1;
        var (left, right) = (place >> halfBits, place & mask);
        foreach (var key in keys)
            (left, right) = (right, left ^ CounterRandom.Mix(key + right) & mask);
        return left << halfBits | right;
    }
}
