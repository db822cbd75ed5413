using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Metrics;

/// <summary>One number of an evaluation; tables and CSV files need to know nothing else.</summary>
/// <param name="Key">"TASK/NAME" or "TASK/NAME/DETAIL", e.g. "semseg/mean_iou", "semseg/iou/road".</param>
/// <param name="Value">The number; NaN where the data does not define it (a class that does not occur, no labelled
/// pixel).</param>
/// <param name="Direction">Which way it improves.</param>
/// <param name="Unit">"%", "m", "deg", "px", "points", or "" for a pure number.</param>
public sealed record Metric(string Key, double Value, MetricDirection Direction, string Unit)
{
    /// <summary>A number under the key of a measure, whose direction and unit it has.</summary>
    /// <exception cref="KeyNotFoundException">No kind of task is measured so.</exception>
    public static Metric Of(string task, string measure, double value) => Of($"{task}/{measure}", Measure.Of(measure), value);

    /// <summary>One of many of a measure: of a class or a band of distance.</summary>
    /// <exception cref="KeyNotFoundException">No kind of task is measured so.</exception>
    public static Metric Of(string task, string measure, string detail, double value) =>
        Of($"{task}/{measure}/{detail}", Measure.Of($"{measure}/*"), value);

    internal static Metric Of(string key, Measure measure, double value) => new(key, value, measure.Direction, measure.Unit);
}

/// <summary>A metric that sees an evaluation one batch at a time. Marked with its <see cref="MeasuresAttribute"/>, it is found by
/// them.</summary>
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

/// <summary>The keys of the measures (<see cref="Measure.Key"/>) that an <see cref="IMetricAccumulator"/> computes, in its
/// order.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MeasuresAttribute(params string[] keys) : Attribute
{
    public ImmutableArray<string> Keys { get; } = [.. keys];
}

/// <summary>What a metric may depend on. A class that does has a constructor with it.</summary>
/// <param name="Classes">A name for each class of a <see cref="ClassTask"/>.</param>
public sealed record MetricContext(ModelTask Task, ImmutableArray<string> Classes, EvaluateRecipe Recipe);
