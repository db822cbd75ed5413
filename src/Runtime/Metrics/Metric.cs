namespace Mtlc.Runtime.Metrics;

/// <summary>Which way a metric improves.</summary>
public enum MetricDirection
{
    Higher,
    Lower,

    /// <summary>A count or a description, neither good nor bad.</summary>
    None,
}

/// <summary>One number of an evaluation; tables and CSV files need to know nothing else.</summary>
/// <param name="Key">"TASK/NAME" or "TASK/NAME/DETAIL", e.g. "semseg/mean_iou", "semseg/iou/road".</param>
/// <param name="Value">The number; NaN where the data does not define it (a class that does not occur, no labelled pixel).</param>
/// <param name="Direction">Which way it improves.</param>
/// <param name="Unit">"%", "m", "deg", "px", "points", or "" for a pure number.</param>
public sealed record Metric(string Key, double Value, MetricDirection Direction, string Unit);

/// <summary>A metric that sees an evaluation one batch at a time.</summary>
public interface IMetricAccumulator
{
    /// <summary>Adds one batch; both tensors may lie on any device and are not kept.</summary>
    void Add(TorchSharp.torch.Tensor prediction, TorchSharp.torch.Tensor label);

    /// <summary>Whether any pixel that was added has a label: without one there is no score.</summary>
    bool HasLabels { get; }

    /// <param name="task">The task's name, the first part of every key.</param>
    /// <returns>The metrics over all that was added, the headline first, always the same keys in the same order.</returns>
    IReadOnlyList<Metric> Results(string task);
}
