using System.Collections.Immutable;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Metrics;
using static TorchSharp.torch;

namespace Mtlc.Tests.Metrics;

public sealed class SegmentationMetricsTests
{
    static readonly ImmutableArray<string> Four = ["road", "wall", "sky", "car"];
    static readonly Tensor Label = Reference.Longs("iou", "label");
    static readonly Tensor Prediction = Reference.Longs("iou", "prediction");

    [Fact]
    public void Confusion_and_iou_are_the_references()
    {
        var metrics = new SegmentationMetrics(Four, 255);
        metrics.Add(Prediction, Label);
        var rows = Reference.At("iou", "confusion_rows_label");
        var iou = Reference.At("iou", "iou_percent");
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
                Assert.Equal(rows[i][j].GetInt64(), metrics.Confusion[i, j]);
            Assert.Equal(iou[i].GetDouble(), metrics.Confusion.IoU(i), 1e-6);
        }
        Assert.Equal(Reference.Number("iou", "mean_iou_percent"), metrics.MeanIoU, 1e-6);
        Assert.Equal(100.0 * (13 + 11 + 7 + 12) / 57, metrics.Confusion.PixelAccuracy, 1e-9);
        Assert.Empty(metrics.Absent);
    }

    [Fact]
    public void Logits_count_by_their_largest_channel_and_parts_merge_to_the_whole()
    {
        var logits = nn.functional.one_hot(Prediction, 4).permute(0, 3, 1, 2).to(ScalarType.Float32);
        var (whole, first, second) = (
            new SegmentationMetrics(Four, 255),
            new SegmentationMetrics(Four, 255),
            new SegmentationMetrics(Four, 255)
        );
        whole.Add(logits, Label);
        first.Add(logits.narrow(0, 0, 1), Label.narrow(0, 0, 1));
        second.Add(logits.narrow(0, 1, 1), Label.narrow(0, 1, 1));
        second.Merge(first);
        Assert.Equal(whole.Results("semseg"), second.Results("semseg"));
        Assert.Equal(Reference.Number("iou", "mean_iou_percent"), whole.MeanIoU, 1e-6);
    }

    [Fact]
    public void A_class_that_never_occurs_is_reported_and_left_out_or_counts_zero_by_the_courses_rule()
    {
        var label = tensor(new long[] { 0, 0, 1, 255 }).view(1, 2, 2);
        var prediction = tensor(new long[] { 0, 1, 1, 2 }).view(1, 2, 2);
        var excluded = new SegmentationMetrics(Four, 255);
        var zero = new SegmentationMetrics(Four, 255, AbsentClasses.Zero);
        excluded.Add(prediction, label);
        zero.Add(prediction, label);
        // class 2 is predicted only where there is no label
        Assert.Equal(["sky", "car"], excluded.Absent);
        Assert.Equal(50, excluded.MeanIoU, 1e-12);
        Assert.Equal(25, zero.MeanIoU, 1e-12);
        Assert.Contains(excluded.Results("s"), m => m.Key == "s/iou/sky" && double.IsNaN(m.Value));
        Assert.Contains(excluded.Results("s"), m => m.Key == "s/absent_classes" && m.Value == 2);
    }

    [Fact]
    public void Without_any_label_nothing_is_defined()
    {
        var metrics = new SegmentationMetrics(Four, 255, AbsentClasses.Zero);
        metrics.Add(zeros(1, 4, 2, 2), full([1, 2, 2], Held(255), ScalarType.Int64));
        Assert.True(double.IsNaN(metrics.MeanIoU));
        Assert.True(double.IsNaN(metrics.Confusion.PixelAccuracy));
    }

    [Fact]
    public void A_label_that_is_no_class_is_refused()
    {
        var metrics = new SegmentationMetrics(Four, 255);
        Assert.Throws<ArgumentException>(() => metrics.Add(zeros(1, 4, 1, 1), full([1, 1, 1], Held(4), ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => metrics.Add(zeros(1, 3, 1, 1), zeros([1, 1, 1], ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => metrics.Add(zeros(1, 4, 2, 1), zeros([1, 1, 1], ScalarType.Int64)));
    }

    [Fact]
    public void The_most_frequent_class_scores_its_share_of_the_pixels()
    {
        var training = new ClassFrequencies(4, 255);
        training.Add(Label);
        Assert.Equal([14, 14, 9, 20], training.Counts);
        var metrics = new SegmentationMetrics(Four, 255);
        metrics.Add(TrivialPrediction.MostFrequentClass(training.MostFrequent, Label), Label);
        Assert.Equal(100.0 * 20 / 57, metrics.Confusion.PixelAccuracy, 1e-9);
        Assert.Equal(100.0 * 20 / 57 / 4, metrics.MeanIoU, 1e-9);
    }
}
