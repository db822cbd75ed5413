using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>Several metrics of the same predictions, one after another.</summary>
public sealed class CombinedMetrics(params ImmutableArray<IMetricAccumulator> parts) : IMetricAccumulator
{
    /// <inheritdoc/>
    public void Add(Tensor prediction, Tensor label)
    {
        foreach (var part in parts)
            part.Add(prediction, label);
    }

    /// <inheritdoc/>
    public bool HasLabels => parts.Any(p => p.HasLabels);

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Results(string task) => [.. parts.SelectMany(p => p.Results(task))];
}
