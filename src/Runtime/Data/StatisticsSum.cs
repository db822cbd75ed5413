using System.Collections.Immutable;

namespace Mtlc.Runtime.Data;

/// <summary>Sums over pixels, of one sample or of many, from which <see cref="DataStatistics"/> are made.</summary>
internal sealed class StatisticsSum
{
    /// <summary>0.25 m to 1024 m, four bins an octave.</summary>
    static readonly ImmutableArray<double> Edges = [.. Enumerable.Range(-8, 49).Select(i => Math.Pow(2, i / 4.0))];

    readonly long[] histogram = new long[Edges.Length - 1];
    readonly long[] classes = new long[256];
    readonly int[] samplesWith = new int[256];
    Moments metres, log, inverse;
    double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
    long unlabelled;
    bool hasDepth, hasClasses;

    public static StatisticsSum Of(Sample sample)
    {
        var sum = new StatisticsSum { hasDepth = sample.Depth is not null, hasClasses = sample.Classes is not null };
        foreach (var depth in sample.Depth ?? [])
        {
            if (!float.IsFinite(depth) || depth <= 0)
            {
                sum.unlabelled++;
                continue;
            }
            var log = Math.Log(depth);
            sum.metres.Add(depth);
            sum.log.Add(log);
            sum.inverse.Add(1.0 / depth);
            sum.minimum = Math.Min(sum.minimum, depth);
            sum.maximum = Math.Max(sum.maximum, depth);
            sum.histogram[(int)Math.Clamp(Math.Floor(log / Math.Log(2) * 4) + 8, 0, sum.histogram.Length - 1)]++;
        }
        foreach (var label in sample.Classes ?? []) sum.classes[label]++;
        for (var i = 0; i < 256; i++) sum.samplesWith[i] = sum.classes[i] > 0 ? 1 : 0;
        return sum;
    }

    public void Add(StatisticsSum other)
    {
        metres.Add(other.metres);
        log.Add(other.log);
        inverse.Add(other.inverse);
        minimum = Math.Min(minimum, other.minimum);
        maximum = Math.Max(maximum, other.maximum);
        unlabelled += other.unlabelled;
        hasDepth |= other.hasDepth;
        hasClasses |= other.hasClasses;
        for (var i = 0; i < histogram.Length; i++) histogram[i] += other.histogram[i];
        for (var i = 0; i < 256; i++) (classes[i], samplesWith[i]) = (classes[i] + other.classes[i], samplesWith[i] + other.samplesWith[i]);
    }

    public DataStatistics Summary(string split, int samples, ImmutableArray<string> classNames)
    {
        static UnitStatistics Unit(in Moments moments) => new(moments.Mean, moments.Deviation);
        // With not one labelled pixel there is no minimum, mean or deviation to speak of.
        var depth = hasDepth && metres.Count > 0
            ? new DepthSummary(
                metres.Count, unlabelled, minimum, maximum, Unit(metres), Unit(log), Unit(inverse), Edges, [.. histogram])
            : null;
        var labelled = Math.Max(1, classes.Take(classNames.Length).Sum());
        var summaries = classNames.Select((n, i) => new ClassSummary(n, classes[i], (double)classes[i] / labelled, samplesWith[i]));
        return new DataStatistics(split, samples, depth, hasClasses ? [.. summaries] : [], classes[LabelMap.Ignore]);
    }
}
