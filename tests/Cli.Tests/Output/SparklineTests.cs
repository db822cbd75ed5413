using Mtlc.Cli.Output;

namespace Mtlc.Tests.Output;

public sealed class SparklineTests
{
    [Fact]
    public void Values_lie_between_the_least_and_the_greatest() =>
        Assert.Equal("▁▂▃▄▅▆▇█", Sparkline.Of([0, 1, 2, 3, 4, 5, 6, 7], 8));

    [Fact]
    public void More_values_than_columns_are_averaged() => Assert.Equal("█▁", Sparkline.Of([9, 11, 1, 3], 2));

    [Fact]
    public void A_constant_is_a_flat_line() => Assert.Equal("▁▁▁", Sparkline.Of([2, 2, 2], 10));

    [Fact]
    public void What_is_not_finite_leaves_a_gap() => Assert.Equal("▁ █", Sparkline.Of([1, double.NaN, 2], 10));

    [Fact]
    public void Nothing_finite_draws_nothing() => Assert.Equal("", Sparkline.Of([double.NaN, double.PositiveInfinity], 10));
}
