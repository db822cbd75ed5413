using System.Collections.Concurrent;
using System.Collections.Immutable;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data;

/// <summary>A sample that training would stumble over.</summary>
/// <param name="Reason">Names the file where one is to blame.</param>
public sealed record BadSample(Split Split, int Index, string Name, string Reason);

/// <summary>What `mtlc data check` found.</summary>
/// <param name="Checked">Samples read.</param>
/// <param name="Bad">In the order of splits and indices.</param>
public sealed record DataCheck(int Checked, ImmutableArray<BadSample> Bad)
{
    /// <summary>
    /// Reads every sample once, in parallel. Bad is: unreadable, truncated, sizes that differ, labels out of range, a depth map
    /// without one valid depth, labels without one labelled pixel, a map (of a manifest's inputs) without one number. </summary>
    /// <param name="progress">Is told the number of samples read so far.</param>
    public static DataCheck Run(
        IDataSource source,
        IEnumerable<Split>? splits = null,
        IProgress<int>? progress = null,
        int workers = 0,
        CancellationToken cancel = default
    )
    {
        var bad = new ConcurrentBag<BadSample>();
        var done = 0;
        foreach (var split in splits ?? Splits.All)
        {
            DataParallel.ForEach(
                source.Count(split),
                workers,
                cancel,
                i =>
                {
                    if (Fault(source, split, i) is { } reason)
                        bad.Add(new(split, i, source.Name(split, i), reason));
                    var now = Interlocked.Increment(ref done);
                    progress?.Report(now);
                }
            );
        }
        return new DataCheck(done, [.. bad.OrderBy(b => b.Split).ThenBy(b => b.Index)]);
    }

    static string? Fault(IDataSource source, Split split, int index)
    {
        try
        {
            var sample = source.Read(split, index);
            return Fault(sample, source) ?? MapFault(sample, source, split, index);
        }
        catch (DataException e)
        {
            return e.Message;
        }
    }

    // What is made of depth's files is as good as depth.
    static string? MapFault(Sample sample, IDataSource source, Split split, int index)
    {
        foreach (var map in source.Contract.Maps.Where(m => !m.IsDepth))
        {
            if (Array.TrueForAll(source.ReadMap(map.Name, split, index, sample), float.IsNaN))
                return $"no number in the map '{map.Name}'";
        }
        return null;
    }

    static string? Fault(Sample sample, IDataSource source)
    {
        var pixels = sample.Height * sample.Width;
        if (
            sample.Rgb.Length != 3 * pixels
            || sample.Classes?.Length is { } c && c != pixels
            || sample.Depth?.Length is { } d && d != pixels
        )
            return "picture and labels differ in size";
        var classes = source.Contract.ClassNames.Length;
        if (sample.Classes is { } labels)
        {
            var wrong = Array.FindIndex(labels, l => l >= classes && l != source.Contract.Ignore);
            if (wrong >= 0)
                return $"label {labels[wrong]} at row {wrong / sample.Width}, column {wrong % sample.Width} is out of range: "
                    + $"the classes are 0 to {classes - 1}";
            if (Array.TrueForAll(labels, l => l == source.Contract.Ignore))
                return "no labelled pixel";
        }
        if (sample.Depth is { } depth && !Array.Exists(depth, m => float.IsFinite(m) && m > 0))
            return "no valid depth";
        return null;
    }
}
