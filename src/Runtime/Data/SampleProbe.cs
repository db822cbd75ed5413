using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>Some samples of a split, read before training: what every one of them is not, the run may still be.</summary>
/// <param name="Read">Samples read.</param>
/// <param name="Total">Samples that there are.</param>
/// <param name="Unreadable">Why samples cannot be read, in their order.</param>
/// <param name="HasClasses">Whether any pixel read has a class.</param>
/// <param name="HasDepth">Whether any pixel read has a depth.</param>
public sealed record SampleProbe(
    Split Split,
    int Read,
    int Total,
    ImmutableArray<string> Unreadable,
    bool HasClasses,
    bool HasDepth
)
{
    /// <summary>Whether any pixel read has it.</summary>
    public bool Has(Modality modality) =>
        modality switch
        {
            Modality.Classes => HasClasses,
            Modality.Depth => HasDepth,
            Modality.Picture => true,
            _ => throw new ArgumentOutOfRangeException(nameof(modality)),
        };

    /// <summary>The most samples that are read: as many as have so many pixels, so that a look at large pictures takes
    /// seconds.</summary>
    public const int MostSamples = 128;

    const int FewestSamples = 8;
    const long MostPixels = 1L << 26;

    /// <summary>Reads samples spread evenly over the split, all of them where they are few, in parallel. The result does not
    /// depend on the number of workers.</summary>
    public static SampleProbe Of(IDataSource source, Split split)
    {
        var total = source.Count(split);
        if (total == 0)
            return new(split, 0, 0, [], false, false);
        var first = Look(source, split, 0);
        var count = (int)Math.Clamp(MostPixels / Math.Max(1, first.Pixels), FewestSamples, MostSamples);
        count = Math.Min(count, total);
        var found = new (string? Fault, long Pixels, bool HasClasses, bool HasDepth)[count];
        found[0] = first;
        DataParallel.ForEach(
            count - 1,
            0,
            CancellationToken.None,
            i => found[i + 1] = Look(source, split, (int)((i + 1L) * total / count))
        );
        return new(
            split,
            count,
            total,
            [.. found.Select(f => f.Fault).OfType<string>()],
            found.Any(f => f.HasClasses),
            found.Any(f => f.HasDepth)
        );
    }

    static (string? Fault, long Pixels, bool HasClasses, bool HasDepth) Look(IDataSource source, Split split, int index)
    {
        try
        {
            var sample = source.Read(split, index);
            return (
                null,
                (long)sample.Height * sample.Width,
                sample.Classes?.Any(c => c != LabelMap.Ignore) == true,
                sample.Depth?.Any(float.IsFinite) == true
            );
        }
        catch (DataException e)
        {
            return (e.Message, 0, false, false);
        }
    }
}
