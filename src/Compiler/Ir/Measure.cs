using System.Collections.Frozen;

namespace Mtlc.Compiler.Ir;

/// <summary>Which way a metric improves.</summary>
public enum MetricDirection
{
    Higher,
    Lower,

    /// <summary>A count or a description, neither good nor bad.</summary>
    None,
}

/// <summary>What the one of many is, of which a metric has a number each.</summary>
public enum MeasureDetail
{
    /// <summary>One number for a task.</summary>
    None,

    /// <summary>A number a class: "semseg/iou/road".</summary>
    Class,

    /// <summary>A number a band of true distance: "depth/mae/10-15m".</summary>
    Distance,
}

/// <summary>
/// What a task is scored by. All that tables, files and messages need to know of a metric is told here and nowhere else; only its
/// numbers come from the runtime, under its <see cref="Key"/>. </summary>
/// <param name="Name">"mean_iou": behind the task's name in every key.</param>
/// <param name="Title">As papers write it: "mean IoU".</param>
/// <param name="Unit">"%", "m", "deg", "px", "points", or "" for a pure number.</param>
/// <param name="Direction">Which way it improves.</param>
/// <param name="Decimals">Digits behind the point that are worth printing.</param>
public sealed record Measure(
    string Name,
    string Title,
    string Unit,
    MetricDirection Direction,
    int Decimals,
    MeasureDetail Detail = MeasureDetail.None
)
{
    /// <summary>"mean_iou", or "iou/*" where there is one of each.</summary>
    public string Key => Detail == MeasureDetail.None ? Name : $"{Name}/*";

    /// <summary>The measure of a key, of whatever kind; kinds that share a key share the measure. Null where there is
    /// none.</summary>
    public static Measure? Find(string key) => Table.ByKey.GetValueOrDefault(key);

    /// <exception cref="KeyNotFoundException">No kind has such a measure.</exception>
    public static Measure Of(string key) =>
        Table.ByKey.TryGetValue(key, out var measure)
            ? measure
            : throw new KeyNotFoundException($"no kind of task is measured by '{key}'");

    // Apart: the kinds make measures while they are made.
    static class Table
    {
        public static readonly FrozenDictionary<string, Measure> ByKey = TaskKind
            .All.SelectMany(k => k.Measures)
            .Distinct()
            .ToFrozenDictionary(m => m.Key);
    }
}
