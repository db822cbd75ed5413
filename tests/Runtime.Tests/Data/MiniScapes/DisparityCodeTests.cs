using Mtlc.Runtime.Data.MiniScapes;

namespace Mtlc.Tests.Runtime.Data.MiniScapes;

public class DisparityCodeTests
{
    /// <summary>Numbers computed with PyTorch in float32.</summary>
    [Theory]
    [
        InlineData(1, 300.0),
        InlineData(2, 232.317073),
        InlineData(64, 15.500407),
        InlineData(128, 7.894737),
        InlineData(200, 5.086782)
    ]
    [InlineData(255, 4.0)]
    public void Codes_mean_these_metres(byte code, double metres) =>
        Assert.Equal(metres, DisparityCode.Decode(code), metres * 2e-7);

    [Fact]
    public void Zero_is_no_depth_and_no_depth_is_zero()
    {
        Assert.True(float.IsNaN(DisparityCode.Decode(0)));
        foreach (var metres in (float[])[float.NaN, float.PositiveInfinity, 0, -4])
            Assert.Equal(0, DisparityCode.Encode(metres));
    }

    [Fact]
    public void Encoding_truncates_clamps_and_undoes_decoding()
    {
        for (var code = 1; code < 256; code++)
            Assert.Equal(code, DisparityCode.Encode(DisparityCode.Decode((byte)code)));
        Assert.Equal(1, DisparityCode.Encode(5000));
        Assert.Equal(255, DisparityCode.Encode(0.5f));
        // 1 + 254 * (1/10 - 1/300) / (1/4 - 1/300) = 100.54
        Assert.Equal(100, DisparityCode.Encode(10));
    }
}
