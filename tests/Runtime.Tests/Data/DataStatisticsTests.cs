using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data;

public class DataStatisticsTests
{
    [Fact]
    public void Depth_is_summed_up_in_three_units()
    {
        var source = new MemorySource(2, 0, 1, 3)
        {
            Change = s => s with { Depth = s.Name == "Train/0" ? [1, 2, float.NaN] : [4, 8, 0] },
        };
        var depth = DataStatistics.Compute(source).Depth!;
        Assert.Equal((4, 2, 1.0, 8.0), (depth.Pixels, depth.Unlabelled, depth.Minimum, depth.Maximum));
        Assert.Equal(3.75, depth.Metres.Mean, 1e-12);
        Assert.Equal(Math.Sqrt((2.75 * 2.75 + 1.75 * 1.75 + 0.25 * 0.25 + 4.25 * 4.25) / 4), depth.Metres.Deviation, 1e-12);
        Assert.Equal(1.5 * Math.Log(2), depth.Log.Mean, 1e-12);
        Assert.Equal(Math.Log(2) * Math.Sqrt(1.25), depth.Log.Deviation, 1e-12);
        Assert.Equal((1 + 0.5 + 0.25 + 0.125) / 4, depth.Inverse.Mean, 1e-12);
        Assert.Equal(4, depth.Histogram.Sum());
        var bin = depth.HistogramEdges.IndexOf(4);
        Assert.Equal(1, depth.Histogram[bin]);
    }

    [Fact]
    public void Classes_are_counted()
    {
        var source = new MemorySource(2, 0, 1, 4)
        {
            Change = s => s with { Classes = s.Name == "Train/0" ? [0, 0, 3, 255] : [0, 255, 255, 255] },
        };
        var statistics = DataStatistics.Compute(source);
        Assert.Equal(4, statistics.Ignored);
        Assert.Equal(new ClassSummary("road", 3, 0.75, 2), statistics.Classes[0]);
        Assert.Equal(new ClassSummary("wall", 1, 0.25, 1), statistics.Classes[3]);
        Assert.Equal(0, statistics.Classes[1].Pixels);
    }

    [Fact]
    public void A_large_offset_costs_no_precision()
    {
        // Sums of squares in double would have lost the deviation of 0.0078 beside 1e5 squared.
        var source = new MemorySource(300, 0, 40, 50)
        {
            Change = s =>
                s with
                {
                    Depth = [.. Enumerable.Range(0, 2000).Select(i => 100000 + (i % 2 == 0 ? 0.0078125f : -0.0078125f))],
                },
        };
        var depth = DataStatistics.Compute(source).Depth!;
        Assert.Equal(100000, depth.Metres.Mean, 1e-9);
        Assert.Equal(0.0078125, depth.Metres.Deviation, 1e-9);
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        var source = new MemorySource(300, 0);
        using var folder = new TemporaryFolder();
        string Stored(int workers)
        {
            var path = Path.Combine(folder.Path, $"{workers}.json");
            DataStatistics.Compute(source, workers: workers).Save(path);
            return File.ReadAllText(path);
        }
        Assert.Equal(Stored(1), Stored(7));
    }

    [Fact]
    public void Stored_statistics_are_read_back()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "s.json");
        var statistics = DataStatistics.Compute(new MemorySource(3, 0));
        statistics.Save(path);
        var loaded = DataStatistics.Load(path);
        Assert.Equal(statistics.Depth!.Metres, loaded.Depth!.Metres);
        Assert.Equal(statistics.Classes, loaded.Classes);
        Assert.Equal(
            new DepthStatistics(
                loaded.Depth.Metres.Mean,
                loaded.Depth.Metres.Deviation,
                loaded.Depth.Minimum,
                loaded.Depth.Maximum
            ),
            loaded.ToContract()
        );
        var text = File.ReadAllText(path);
        foreach (
            var bad in (string[])
                [
                    "",
                    "{}",
                    "[]",
                    text[..(text.Length / 2)],
                    text.Replace("statistics/1", "statistics/9", StringComparison.Ordinal),
                ]
        )
            Assert.Contains(
                "mtlc data stats",
                Assert.Throws<DataException>(() => DataStatistics.Load(folder.File("bad.json", bad))).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void An_empty_split_has_none()
    {
        Assert.Contains(
            "'test' is empty",
            Assert.Throws<DataException>(() => DataStatistics.Compute(new MemorySource(1, 0), Split.Test)).Message,
            StringComparison.Ordinal
        );
    }
}
