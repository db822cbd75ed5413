using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;
using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Tests.Metrics;

public sealed class DepthMetricsTests
{
    static readonly string[] Measures = ["si_log_rmse", "log_rmse", "rmse", "mae", "rel", "delta1", "delta2", "delta3"];
    static readonly Tensor Label = Reference.Floats("depth_metrics", "label_m").unsqueeze(1);
    static readonly Tensor Prediction = Reference.Floats("depth_metrics", "prediction_m").unsqueeze(1);

    [Fact]
    public void Each_image_and_the_mean_are_the_references()
    {
        var all = new DepthMetrics();
        for (var image = 0; image < 2; image++)
        {
            var one = new DepthMetrics();
            one.Add(Prediction.narrow(0, image, 1), Label.narrow(0, image, 1));
            foreach (var measure in Measures)
                Assert.Equal(
                    Reference.At("depth_metrics", "per_image")[image].GetProperty(measure).GetDouble(),
                    one[measure],
                    2e-6
                );
            all.Merge(one);
        }
        var batch = new DepthMetrics();
        batch.Add(Prediction, Label);
        Assert.Equal(Measures.Select(m => $"depth/{m}"), batch.Results("depth").Select(m => m.Key));
        foreach (var measure in Measures)
        {
            Assert.Equal(Reference.Number("depth_metrics", "mean_over_images", measure), batch[measure], 2e-6);
            Assert.Equal(all[measure], batch[measure], 1e-12);
        }
    }

    [Fact]
    public void An_image_without_labels_counts_in_no_mean()
    {
        var metrics = new DepthMetrics();
        metrics.Add(cat([Prediction, Prediction]), cat([Label, full_like(Label, Held(float.NaN))]));
        Assert.Equal(2, metrics.Images);
        Assert.Equal(Reference.Number("depth_metrics", "mean_over_images", "si_log_rmse"), metrics["si_log_rmse"], 2e-6);
        Assert.All(new DepthMetrics().Results("depth"), m => Assert.True(double.IsNaN(m.Value)));
    }

    [Fact]
    public void A_common_factor_leaves_the_scale_invariant_error_at_zero()
    {
        var metrics = new DepthMetrics();
        metrics.Add(Label * Held(2), Label);
        Assert.Equal(0, metrics["si_log_rmse"], 1e-5);
        Assert.Equal(Math.Log(2), metrics["log_rmse"], 1e-9);
        Assert.Equal(1, metrics["rel"], 1e-9);
        Assert.Equal(0, metrics["delta3"]);
    }

    [Fact]
    public void Distance_bands_split_all_pixels_by_true_distance()
    {
        var bands = new DepthByDistance([10, 50]);
        bands.Add(
            tensor(new[] { 6f, 12f, 45f, 100f, 1f }).view(1, 1, 1, 5),
            tensor(new[] { 5f, 10f, 50f, 50f, float.NaN }).view(1, 1, 1, 5)
        );
        var more = new DepthByDistance([10, 50]);
        more.Add(full([1, 1, 1, 1], Held(8f)), full([1, 1, 1, 1], Held(5f)));
        bands.Merge(more);
        var results = bands.Results("depth").ToDictionary(m => m.Key, m => m.Value);
        Assert.Equal(2, results["depth/mae/0-10m"], 1e-9);
        Assert.Equal(2, results["depth/mae/10-50m"], 1e-9);
        Assert.Equal(27.5, results["depth/mae/50m+"], 1e-9);
        Assert.Equal((0.2 + 0.6) / 2, results["depth/rel/0-10m"], 1e-7);
        Assert.Equal(2, results["depth/pixels/50m+"]);
        Assert.Throws<ArgumentException>(() => new DepthByDistance([10, 10]));
    }

    [Fact]
    public void The_multitask_score_is_the_references()
    {
        foreach (var row in Reference.At("multitask").EnumerateArray())
            Assert.Equal(
                row.GetProperty("multitask").GetDouble(),
                MultitaskScore.Of(row.GetProperty("iou").GetDouble(), row.GetProperty("si_log_rmse").GetDouble()),
                1e-9
            );
        Assert.True(double.IsNaN(MultitaskScore.Of(double.NaN, 20)));
    }

    [Fact]
    public void Moments_of_depth_do_not_depend_on_how_it_was_cut_into_batches()
    {
        var (whole, first, second) = (
            new DepthMoments(DepthUnit.Metres),
            new DepthMoments(DepthUnit.Metres),
            new DepthMoments(DepthUnit.Metres)
        );
        whole.Add(Label);
        first.Add(Label.narrow(2, 0, 1));
        second.Add(Label.narrow(2, 1, 2));
        second.Add(Label.narrow(2, 3, 1));
        first.Merge(second);
        var values = TensorAssert.Values(Label).Where(v => !double.IsNaN(v)).ToArray();
        Assert.Equal(values.Length, first.Count);
        Assert.Equal(values.Average(), first.Statistics.Mean, 1e-10);
        Assert.Equal(Math.Sqrt(values.Average(v => Math.Pow(v - values.Average(), 2))), first.Statistics.Deviation, 1e-10);
        Assert.Equal(whole.Statistics.Deviation, first.Statistics.Deviation, 1e-10);
        Assert.Equal((values.Min(), values.Max()), (first.Statistics.Minimum, first.Statistics.Maximum));
    }

    [Fact]
    public void The_mean_depth_is_evaluated_like_any_prediction()
    {
        var label = tensor(new[] { 10f, 30f, float.NaN }).view(1, 1, 1, 3);
        var metrics = new DepthMetrics();
        metrics.Add(TrivialPrediction.MeanDepth(20, label), label);
        Assert.Equal(10, metrics["rmse"], 1e-9);
    }
}
