using Mtlc.Cli.Output;
using Mtlc.Compiler.Ir;

namespace Mtlc.Tests.Output;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1000, "1.00 k")]
    [InlineData(999_499, "999 k")]
    [InlineData(999_500, "1.00 M")]
    [InlineData(20_131_000_000, "20.1 G")]
    [InlineData(long.MaxValue, "9.22 E")]
    public void Prefixed(long number, string expected) => Assert.Equal(expected, Amount.Count(number));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1.23456, "1.235")]
    [InlineData(-12.3456, "-12.35")]
    [InlineData(0.0123456, "0.01235")]
    [InlineData(1234.56, "1235")]
    [InlineData(123456.7, "123457")]
    [InlineData(1.5e-7, "1.5e-7")]
    [InlineData(2e12, "2e+12")]
    [InlineData(double.NaN, "-")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Figures(double number, string expected) => Assert.Equal(expected, Quantity.Figures(number));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(48.4, "48s")]
    [InlineData(59.7, "1:00")]
    [InlineData(187, "3:07")]
    [InlineData(3599.9, "1:00:00")]
    [InlineData(7387, "2:03:07")]
    [InlineData(180_000, "50:00:00")]
    public void Duration(double seconds, string expected) =>
        Assert.Equal(expected, Quantity.Duration(TimeSpan.FromSeconds(seconds)));
}
