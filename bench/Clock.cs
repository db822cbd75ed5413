using System.Diagnostics;

namespace Mtlc.Bench;

static class Clock
{
    public static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Median over repetitions after a first one that does not count.</summary>
    public static double Median(int repetitions, Action action)
    {
        action();
        return Median(Enumerable.Range(0, repetitions).Select(_ => Milliseconds(action)));
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Runs both in alternation, so that what else the machine does meets both alike.</summary>
    /// <returns>Median times, and the median of the first's time divided by the second's, round by round.</returns>
    public static (double First, double Second, double Ratio) Alternate(int rounds, Action first, Action second)
    {
        first();
        second();
        var times = Enumerable
            .Range(0, rounds)
            .Select(i =>
            {
                var early = i % 2 == 0 ? Milliseconds(first) : 0;
                var other = Milliseconds(second);
                return (First: i % 2 == 0 ? early : Milliseconds(first), Second: other);
            })
            .ToArray();
        return (
            Median(times.Select(t => t.First)),
            Median(times.Select(t => t.Second)),
            Median(times.Select(t => t.First / t.Second))
        );
    }
}
