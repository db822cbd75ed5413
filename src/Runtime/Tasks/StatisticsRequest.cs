using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Loading;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>What the tasks of a model want to know of the training labels, besides what is always measured.</summary>
public sealed class StatisticsRequest
{
    readonly List<DepthUnit> units = [];
    readonly List<(string Key, Func<Batch, Tensor> Values)> means = [];

    public ImmutableArray<DepthUnit> Units => [.. units.Distinct()];

    /// <summary>Of which the mean is taken a channel, over all pixels that have a value.</summary>
    public ImmutableArray<(string Key, Func<Batch, Tensor> Values)> Means => [.. means];

    /// <summary>Of which the mean direction is taken; null where nothing asked.</summary>
    public Func<Batch, Tensor>? Directions { get; private set; }

    /// <summary>Mean, deviation and range of depth in a unit: <see cref="TrainingStatistics.Depth"/>.</summary>
    public void DepthIn(DepthUnit unit) => units.Add(unit);

    /// <summary>The mean direction of normals: <see cref="TrainingStatistics.MeanNormal"/>.</summary>
    /// <param name="vectors">[N, 3, H, W], NaN where there is none.</param>
    public void Direction(Func<Batch, Tensor> vectors) => Directions = vectors;

    /// <summary>Means of anything else: <see cref="TrainingStatistics.Means"/>.</summary>
    /// <param name="key">Its key there: the task's name.</param>
    /// <param name="values">[N, C, H, W], NaN where there is none.</param>
    public void Mean(string key, Func<Batch, Tensor> values) => means.Add((key, values));
}
