using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Tasks;

/// <summary>What computes the measures of a task.</summary>
public static class TaskMetrics
{
    static readonly FrozenDictionary<string, Type> ByMeasure = Partners
        .Of<IMetricAccumulator>()
        .SelectMany(t => (t.GetCustomAttribute<MeasuresAttribute>()?.Keys ?? []).Select(key => (key, t)))
        .ToFrozenDictionary(m => m.key, m => m.t);

    /// <summary>The accumulators of all its kind's measures, in their order; one may compute several.</summary>
    /// <exception cref="KeyNotFoundException">Nothing computes a measure.</exception>
    public static IMetricAccumulator Of(ModelTask task, MetricContext context)
    {
        ImmutableArray<IMetricAccumulator> parts = [.. task.Kind.Measures.Select(m => ByMeasure[m.Key]).Distinct().Select(Make)];
        return parts is [var only] ? only : new CombinedMetrics(parts);

        // Only some depend on what they are used for.
        IMetricAccumulator Make(Type type) =>
            type.GetConstructor([typeof(MetricContext)]) is null
                ? Partners.Make<IMetricAccumulator>(type)
                : Partners.Make<IMetricAccumulator>(type, context);
    }
}
