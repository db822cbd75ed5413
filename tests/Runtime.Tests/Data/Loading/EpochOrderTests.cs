using Mtlc.Runtime.Data.Loading;

namespace Mtlc.Tests.Data.Loading;

public class EpochOrderTests
{
    static IEnumerable<int> All(long seed, int epoch, int count)
    {
        var order = new EpochOrder(seed, epoch, count);
        return Enumerable.Range(0, count).Select(i => order[i]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(EpochOrder.MostStored)]
    [InlineData(EpochOrder.MostStored + 1)]
    [InlineData(262_143)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(1_000_000)]
    public void Every_sample_comes_once(int count)
    {
        var seen = new bool[count];
        foreach (var sample in All(3, 1, count))
        {
            Assert.False(seen[sample]);
            seen[sample] = true;
        }
        Assert.DoesNotContain(false, seen);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Seed_and_epoch_alone_choose_the_order(int count)
    {
        var order = All(3, 0, count).ToArray();
        Assert.Equal(order, All(3, 0, count));
        // Two independent orders agree in one place on average.
        foreach (var other in new[] { All(3, 1, count), All(4, 0, count), All(3, 0, count).Skip(1) })
            Assert.InRange(order.Zip(other).Count(p => p.First == p.Second), 0, 8);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void No_position_prefers_samples(int count)
    {
        // Samples and positions in 10 parts each: how often part meets part is binomial, near count / 100.
        var met = new int[10, 10];
        var (epochs, before, rising) = (10_000_000 / count, 0, 0);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var position = 0;
            foreach (var sample in All(7, epoch, count))
            {
                met[(int)(10L * position++ / count), (int)(10L * sample / count)]++;
                rising += sample > before ? 1 : 0;
                before = sample;
            }
        }
        var expected = epochs * (count / 100.0);
        foreach (var times in met)
            Assert.InRange(times, expected - 5 * Math.Sqrt(expected), expected + 5 * Math.Sqrt(expected));
        var samples = (double)epochs * count;
        Assert.InRange(rising, samples / 2 - 5 * Math.Sqrt(samples / 12), samples / 2 + 5 * Math.Sqrt(samples / 12)); // ascents of a random permutation
    }

    [Fact]
    public void Orders_stay_what_they_were()
    {
        // Both were computed in Python. A run that is resumed by a later version goes on with the same samples.
        Assert.Equal([13, 7, 5, 2, 9, 15, 14, 11, 10, 4, 3, 1, 8, 6, 12, 0], All(0, 0, 16));
        Assert.Equal([864491, 139741, 744182, 251477, 39170, 971346], All(1, 2, 1_000_000).Take(6));
    }
}
