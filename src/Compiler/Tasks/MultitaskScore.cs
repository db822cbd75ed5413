using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Tasks;

/// <summary>The course's score for semantic segmentation and depth together: 0 for a poor network, 100 for a perfect
/// one.</summary>
public static class MultitaskScore
{
    /// <summary>The key is the name: it belongs to no single task.</summary>
    public static Measure Measure { get; } = new("multitask", "multitask", "points", MetricDirection.Higher, Decimals: 2);

    static readonly string MeanIoU = new SegmentationKind().Measures[0].Name,
        SiLogRmse = new DepthKind().Measures[0].Name;

    /// <param name="meanIoU">In percent.</param>
    /// <param name="siLogRmse">Times 100, as runs store it.</param>
    /// <returns>max(IoU - 50, 0) + max(50 - SI-logRMSE, 0); NaN where either is.</returns>
    public static double Of(double meanIoU, double siLogRmse) => Math.Max(meanIoU - 50, 0) + Math.Max(50 - siLogRmse, 0);

    /// <summary>The tasks that it is made of: the first of either kind, for another one's would be another score. Null where
    /// there are not both.</summary>
    public static (ModelTask First, ModelTask Second)? Parts(IReadOnlyCollection<ModelTask> tasks) =>
        tasks.OfType<SegmentationTask>().FirstOrDefault() is { } first && tasks.OfType<DepthTask>().FirstOrDefault() is { } second
            ? (first, second)
            : null;

    /// <summary>The keys that it is made of: "semseg/mean_iou" and "depth/si_log_rmse". Null where there are not both.</summary>
    public static (string MeanIoU, string SiLogRmse)? Parts(IReadOnlyCollection<string> keys) =>
        Ending(keys, MeanIoU) is { } iou && Ending(keys, SiLogRmse) is { } depth ? (iou, depth) : null;

    static string? Ending(IEnumerable<string> keys, string name) =>
        keys.FirstOrDefault(k => k.EndsWith($"/{name}", StringComparison.Ordinal));
}
