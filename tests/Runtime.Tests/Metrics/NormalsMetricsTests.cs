using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Tests.Metrics;

public sealed class NormalsMetricsTests
{
    static Tensor Tilted(params double[] degrees)
    {
        var map = zeros(1, 3, 1, degrees.Length);
        for (var i = 0; i < degrees.Length; i++)
        {
            map[0, 0, 0, i] = (float)Math.Sin(degrees[i] * Math.PI / 180);
            map[0, 2, 0, i] = (float)Math.Cos(degrees[i] * Math.PI / 180);
        }
        return map;
    }

    [Fact]
    public void Angles_are_measured_whatever_the_length_of_the_prediction()
    {
        var metrics = new NormalsMetrics();
        metrics.Add(Tilted(0, 10, 20, 25, 90, 180) * Held(0.3), Tilted(0, 0, 0, 0, 0, 0));
        Assert.Equal((0 + 10 + 20 + 25 + 90 + 180) / 6.0, metrics.MeanAngle, 1e-4);
        Assert.Equal([200.0 / 6, 300.0 / 6, 400.0 / 6], metrics.PercentBelow);
        Assert.Equal(["n/mean_angle", "n/below_11.25", "n/below_22.5", "n/below_30"], metrics.Results("n").Select(m => m.Key));
    }

    [Fact]
    public void Unlabelled_pixels_do_not_count_and_no_direction_is_ninety_degrees_off()
    {
        var label = Tilted(0, 0);
        label.narrow(3, 1, 1).fill_(Held(float.NaN));
        var metrics = new NormalsMetrics();
        metrics.Add(zeros_like(label), label);
        Assert.Equal(90, metrics.MeanAngle, 1e-9);
        var more = new NormalsMetrics();
        more.Add(Tilted(0, 0), label);
        metrics.Merge(more);
        Assert.Equal(45, metrics.MeanAngle, 1e-9);
        Assert.True(double.IsNaN(new NormalsMetrics().MeanAngle));
    }

    [Fact]
    public void One_direction_everywhere_is_evaluated_like_any_prediction()
    {
        var metrics = new NormalsMetrics();
        metrics.Add(TrivialPrediction.MeanNormal(0, 0, 1, Tilted(10, 40)), Tilted(10, 40));
        Assert.Equal(25, metrics.MeanAngle, 1e-4);
    }
}
