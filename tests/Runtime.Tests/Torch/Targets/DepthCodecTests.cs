using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Tests.Torch.Targets;

public sealed class DepthCodecTests
{
    // The course's data.
    static readonly DepthStatistics MiniScapes = new(27.0727, 29.1264, 4, 300);

    [Fact]
    public void Metres_are_standardised_as_in_the_report()
    {
        var codec = DepthCodec.Measured(DepthUnit.Metres, MiniScapes);
        var standardised = codec.Standardise(tensor(new[] { 27.0727f, 56.1991f, float.NaN }));
        TensorAssert.Close(tensor(new[] { 0f, 1f, float.NaN }), standardised, 1e-6);
    }

    [Theory]
    [InlineData(DepthUnit.Metres, 27.0727, 29.1264)]
    [InlineData(DepthUnit.Log, 2.915, 0.876)]
    [InlineData(DepthUnit.Inverse, 0.0796, 0.0857)]
    public void Every_unit_comes_back_to_metres_within_the_range_of_the_data(DepthUnit unit, double mean, double deviation)
    {
        var codec = DepthCodec.Measured(unit, MiniScapes with { Mean = mean, Deviation = deviation });
        var metres = tensor(new[] { 4f, 7.5f, 80f, 299f, float.NaN });
        TensorAssert.Close(metres, codec.ToMetres(codec.Standardise(metres)), 0.02);
        var far = codec.ToMetres(tensor(new[] { -1e6f, 1e6f }));
        var ends = unit == DepthUnit.Inverse ? new[] { 300f, 4f } : [4f, 300f];
        TensorAssert.Close(tensor(ends), far, 1e-3);
    }

    [Theory]
    [InlineData(DepthUnit.Metres)]
    [InlineData(DepthUnit.Log)]
    [InlineData(DepthUnit.Inverse)]
    public void What_was_measured_in_a_unit_standardises_it_to_mean_0_and_deviation_1(DepthUnit unit)
    {
        var metres = (randn(4000, generator: new Generator(1)) * Held(0.8)).Plus(3).exp();
        var moments = new DepthMoments(unit);
        moments.Add(metres);
        var standardised = DepthCodec.Measured(unit, moments.Statistics).Standardise(metres).to(ScalarType.Float64);
        Assert.Equal(0, standardised.mean().item<double>(), 1e-5);
        Assert.Equal(1, standardised.std(unbiased: false).item<double>(), 1e-5);
    }

    [Theory]
    [InlineData(10, 0, 1, 20)]
    [InlineData(double.NaN, 1, 1, 20)]
    [InlineData(10, 1, 0, 20)]
    [InlineData(10, 1, 20, 20)]
    public void Statistics_that_cannot_standardise_are_refused(double mean, double deviation, double minimum, double maximum) =>
        Assert.Throws<ArgumentException>(() => DepthCodec.Measured(DepthUnit.Metres, new(mean, deviation, minimum, maximum)));
}
