using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Torch.Targets;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Tasks;

/// <summary>
/// What a run knows of its training labels: how depth is standardised, and what the trivial predictor says. Measured once when
/// the run starts, on at most <see cref="MostSamples"/> samples spread evenly over the split, and stored with the run. </summary>
/// <param name="ClassNames">The data's classes by index, which predictions are coloured and named by.</param>
/// <param name="MostFrequentClass">The class of most labelled pixels.</param>
/// <param name="Depth">In each unit of the model's depth tasks: mean and deviation in it, range in metres; null where the data
/// has no depth.</param>
/// <param name="MeanMetres">Mean depth.</param>
/// <param name="MeanNormal">Mean direction of the report's normals; along the optical axis where no task asked for it.</param>
public sealed record TrainingStatistics(
    ImmutableArray<string> ClassNames,
    int MostFrequentClass,
    ImmutableDictionary<DepthUnit, DepthStatistics> Depth,
    double MeanMetres,
    ImmutableArray<double> MeanNormal
)
{
    public const int MostSamples = 128;

    /// <summary>Before anything was measured.</summary>
    public static TrainingStatistics Unmeasured { get; } =
        new([], 0, ImmutableDictionary<DepthUnit, DepthStatistics>.Empty, 0, [0, 0, 1]);

    /// <summary>Means a channel of what tasks asked for, by key; null where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableDictionary<string, ImmutableArray<double>>? Means { get; init; }

    /// <summary>Of what the model reads beside the picture, as far as the program does not give it; null where there is
    /// nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableDictionary<string, MapStatistics>? Maps { get; init; }

    /// <summary>A name for each class of a task: the data's, and "class7" for one that the data do not name.</summary>
    public static ImmutableArray<string> NamesOf(ImmutableArray<string> names, int classes) =>
        [.. Enumerable.Range(0, classes).Select(i => i < names.Length ? names[i] : FormattableString.Invariant($"class{i}"))];

    public DepthCodec Codec(DepthUnit unit) =>
        Depth.TryGetValue(unit, out var statistics)
            ? DepthCodec.Measured(unit, statistics)
            : throw new DataException(
                "the data has no labelled depth, from which the network's unit of depth could be standardised"
            );

    /// <exception cref="DataException">A sample cannot be read and the recipe does not skip it.</exception>
    public static TrainingStatistics Measure(Model model, IDataSource source, DataRecipe recipe)
    {
        var contract = source.Contract;
        var total = source.Count(Split.Train);
        var count = Math.Min(total, MostSamples);
        var indices = Enumerable.Range(0, count).Select(i => (int)((long)i * total / count));
        var classes = Math.Max(1, contract.ClassNames.Length);
        var frequencies = new ClassFrequencies(classes, contract.Ignore);
        var asked = new StatisticsRequest();
        foreach (var task in model.Tasks)
            RuntimeTask.Of(task, model, Unmeasured).Ask(asked);
        DepthUnit[] units = [.. asked.Units.Append(DepthUnit.Metres).Distinct()];
        var moments = units.Select(u => new DepthMoments(u)).ToArray();
        var normal = new ChannelSums();
        var means = asked.Means.Select(_ => new ChannelSums()).ToArray();
        var maps = model.Maps.Where(m => m.IsMeasured).Select(m => (Map: m, Moments: new ChannelMoments(m.Channels))).ToArray();
        foreach (var examples in new EvaluationLoader(source, Split.Train, recipe, 1).Read(indices))
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(examples, CPU);
            if (contract.ClassNames.Length > 0)
                frequencies.Add(batch.Classes);
            foreach (var moment in moments)
                moment.Add(batch.Depth);
            if (asked.Directions is { } directions)
                normal.Add(directions(batch));
            foreach (var (sums, mean) in means.Zip(asked.Means))
                sums.Add(mean.Values(batch));
            foreach (var (map, measured) in maps)
                measured.Add(batch.Image.narrow(1, map.Start, map.Channels));
        }
        var depth = units
            .Zip(moments)
            .Where(m => m.Second.Count > 0)
            .ToImmutableDictionary(m => m.First, m => Refined(m.First, m.Second, contract));
        return new(
            contract.ClassNames,
            frequencies.MostFrequent,
            depth,
            depth.TryGetValue(DepthUnit.Metres, out var metres) ? metres.Mean : 0,
            normal.Length > 0 ? normal.Direction : Unmeasured.MeanNormal
        )
        {
            Means = means.Length == 0 ? null : asked.Means.Zip(means).ToImmutableDictionary(m => m.First.Key, m => m.Second.Mean),
            Maps =
                maps.Length == 0
                    ? null
                    : maps.ToImmutableDictionary(m => m.Map.Name, m => new MapStatistics(m.Moments.Mean, m.Moments.Deviation)),
        };
    }

    // What the data set states about all its samples is better than what was measured on some.
    static DepthStatistics Refined(DepthUnit unit, DepthMoments moments, DataContract contract) =>
        contract.Depth is not { } stated ? moments.Statistics
        : unit == DepthUnit.Metres ? stated
        : moments.Statistics with { Minimum = stated.Minimum, Maximum = stated.Maximum };
}
