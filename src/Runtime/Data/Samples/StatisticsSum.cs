using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>Sums over pixels, of one sample or of many, from which <see cref="DataStatistics"/> are made.</summary>
sealed class StatisticsSum
{
    /// <summary>0.25 m to 1024 m, four bins an octave.</summary>
    static readonly ImmutableArray<double> Edges = [.. Enumerable.Range(-8, 49).Select(i => Math.Pow(2, i / 4.0))];

    readonly long[] histogram = new long[Edges.Length - 1];
    readonly long[] classes = new long[256];
    readonly int[] samplesWith = new int[256];
    readonly DepthMoments metres = new(DepthUnit.Metres),
        log = new(DepthUnit.Log),
        inverse = new(DepthUnit.Inverse);
    long unlabelled;
    bool hasDepth,
        hasClasses;

    public static StatisticsSum Of(Sample sample)
    {
        var sum = new StatisticsSum { hasDepth = sample.Depth is not null, hasClasses = sample.Classes is not null };
        if (sample.Depth is { } depth)
            sum.AddDepth(depth);
        foreach (var label in sample.Classes ?? [])
            sum.classes[label]++;
        for (var i = 0; i < 256; i++)
            sum.samplesWith[i] = sum.classes[i] > 0 ? 1 : 0;
        return sum;
    }

    void AddDepth(float[] depth)
    {
        // Zero, negative and infinite numbers are no depth, whatever the source calls them.
        var labelled = Array.FindAll(depth, m => float.IsFinite(m) && m > 0);
        unlabelled = depth.Length - labelled.Length;
        foreach (var moments in (DepthMoments[])[metres, log, inverse])
            moments.Add(labelled);
        foreach (var m in labelled)
            histogram[(int)Math.Clamp(Math.Floor(Math.Log2(m) * 4) + 8, 0, histogram.Length - 1)]++;
    }

    public void Add(StatisticsSum other)
    {
        metres.Merge(other.metres);
        log.Merge(other.log);
        inverse.Merge(other.inverse);
        unlabelled += other.unlabelled;
        hasDepth |= other.hasDepth;
        hasClasses |= other.hasClasses;
        for (var i = 0; i < histogram.Length; i++)
            histogram[i] += other.histogram[i];
        for (var i = 0; i < 256; i++)
            classes[i] += other.classes[i];
        for (var i = 0; i < 256; i++)
            samplesWith[i] += other.samplesWith[i];
    }

    public DataStatistics Summary(string split, int samples, ImmutableArray<string> classNames)
    {
        static UnitStatistics Unit(DepthMoments moments) => new(moments.Statistics.Mean, moments.Statistics.Deviation);
        // With not one labelled pixel there is no minimum, mean or deviation to speak of.
        var depth =
            hasDepth && metres.Count > 0
                ? new DepthSummary(
                    metres.Count,
                    unlabelled,
                    metres.Statistics.Minimum,
                    metres.Statistics.Maximum,
                    Unit(metres),
                    Unit(log),
                    Unit(inverse),
                    Edges,
                    [.. histogram]
                )
                : null;
        var labelled = Math.Max(1, classes.Take(classNames.Length).Sum());
        var summaries = classNames.Select(
            (n, i) => new ClassSummary(n, classes[i], (double)classes[i] / labelled, samplesWith[i])
        );
        return new DataStatistics(split, samples, depth, hasClasses ? [.. summaries] : [], classes[LabelMap.Ignore]);
    }
}
