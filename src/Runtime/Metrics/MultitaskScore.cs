namespace Mtlc.Runtime.Metrics;

/// <summary>The course's score for semantic segmentation and depth together: 0 for a poor network, 100 for a perfect one.</summary>
public static class MultitaskScore
{
    public const string Key = "multitask";

    /// <param name="meanIoU">Mean IoU in percent.</param>
    /// <param name="siLogRmse">SI-logRMSE, times 100 as <see cref="DepthMetrics"/> gives it.</param>
    /// <returns>max(IoU - 50, 0) + max(50 - SI-logRMSE, 0); NaN where either is.</returns>
    public static double Of(double meanIoU, double siLogRmse) => Math.Max(meanIoU - 50, 0) + Math.Max(50 - siLogRmse, 0);

    public static Metric Metric(double meanIoU, double siLogRmse) =>
        new(Key, Of(meanIoU, siLogRmse), MetricDirection.Higher, "points");
}
