using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Tests.Metrics;

public sealed class ContourMetricsTests
{
    static Tensor Column(int at, int width = 9)
    {
        var map = zeros(1, 1, 5, width);
        map.narrow(3, at, 1).fill_(Held(1));
        return map;
    }

    static ContourMetrics Of(Tensor prediction, Tensor label, int tolerance)
    {
        var metrics = new ContourMetrics(tolerance);
        metrics.Add(prediction, label);
        return metrics;
    }

    [Fact]
    public void An_edge_off_by_less_than_the_tolerance_is_right_and_found()
    {
        var label = Column(4);
        Assert.Equal((100.0, 100.0, 100.0), Scores(Of(label, label, 0)));
        Assert.Equal((100.0, 100.0, 100.0), Scores(Of(Column(6), label, 2)));
        Assert.Equal((0.0, 0.0, 0.0), Scores(Of(Column(7), label, 2)));
    }

    [Fact]
    public void Precision_and_recall_count_different_pixels()
    {
        // Two columns predicted, one right; one column labelled and found.
        Assert.Equal((50.0, 100.0, 66.666666667), Scores(Of(Column(0).Plus(Column(4)), Column(4), 1)));
        Assert.Equal((100.0, 50.0, 66.666666667), Scores(Of(Column(4), Column(0).Plus(Column(4)), 1)));
    }

    [Fact]
    public void Unlabelled_pixels_take_no_part()
    {
        var label = Column(4);
        label.narrow(3, 0, 3).fill_(Held(float.NaN));
        // The guess at column 2 lies on unlabelled ground: it is neither wrong nor does it find the edge at 4.
        Assert.Equal((double.NaN, 0.0, 0.0), Scores(Of(Column(2), label, 2)));
        Assert.Equal((100.0, 100.0, 100.0), Scores(Of(Column(2).Plus(Column(4)), label, 2)));
    }

    [Fact]
    public void Images_are_pooled_and_parts_merge()
    {
        var whole = Of(cat([Column(4), Column(0)]), cat([Column(4), Column(4)]), 1);
        var parts = Of(Column(4), Column(4), 1);
        parts.Merge(Of(Column(0), Column(4), 1));
        Assert.Equal((50.0, 50.0, 50.0), Scores(whole));
        Assert.Equal(whole.Results("contour"), parts.Results("contour"));
        Assert.Throws<ArgumentException>(() => parts.Merge(new ContourMetrics(2)));
    }

    [Fact]
    public void Without_any_edge_nothing_is_defined_and_predicting_none_scores_zero()
    {
        Assert.True(double.IsNaN(Of(zeros(1, 1, 4, 4), zeros(1, 1, 4, 4), 1).F));
        var label = Column(4);
        Assert.Equal(0, Of(TrivialPrediction.NoContour(label), label, 1).F);
    }

    static (double, double, double) Scores(ContourMetrics metrics) =>
        (Math.Round(metrics.Precision, 9), Math.Round(metrics.Recall, 9), Math.Round(metrics.F, 9));
}
