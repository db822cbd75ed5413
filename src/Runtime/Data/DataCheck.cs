using System.Collections.Immutable;

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
    /// Reads every sample once, in parallel. Bad is: unreadable, truncated, sizes that differ, labels out of range, a depth map without
    /// one valid depth, labels without one labelled pixel.
    /// </summary>
    /// <param name="progress">Is told the number of samples read so far.</param>
    public static DataCheck Run(
        IDataSource source, IEnumerable<Split>? splits = null, IProgress<int>? progress = null, int workers = 0,
        CancellationToken cancel = default)
    {
        var samples = (splits ?? Splits.All).SelectMany(s => Enumerable.Range(0, source.Count(s)).Select(i => (Split: s, Index: i))).ToList();
        var reasons = new string?[samples.Count];
        var done = 0;
        DataParallel.ForEach(samples.Count, workers, cancel, i =>
        {
            try
            {
                reasons[i] = Fault(source.Read(samples[i].Split, samples[i].Index), source);
            }
            catch (DataException e)
            {
                reasons[i] = e.Message;
            }
            progress?.Report(Interlocked.Increment(ref done));
        });
        var bad = samples.Zip(reasons).Where(p => p.Second is not null)
            .Select(p => new BadSample(p.First.Split, p.First.Index, source.Name(p.First.Split, p.First.Index), p.Second!));
        return new DataCheck(samples.Count, [.. bad]);
    }

    static string? Fault(Sample sample, IDataSource source)
    {
        var pixels = sample.Height * sample.Width;
        if (sample.Rgb.Length != 3 * pixels || sample.Classes?.Length is { } c && c != pixels || sample.Depth?.Length is { } d && d != pixels)
            return "picture and labels differ in size";
        var classes = source.Contract.ClassNames.Length;
        if (sample.Classes is { } labels)
        {
            var wrong = Array.FindIndex(labels, l => l >= classes && l != source.Contract.Ignore);
            if (wrong >= 0)
                return $"label {labels[wrong]} at row {wrong / sample.Width}, column {wrong % sample.Width} is out of range: " +
                    $"the classes are 0 to {classes - 1}";
            if (Array.TrueForAll(labels, l => l == source.Contract.Ignore)) return "no labelled pixel";
        }
        if (sample.Depth is { } depth && !Array.Exists(depth, m => float.IsFinite(m) && m > 0)) return "no valid depth";
        return null;
    }
}
