using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>Mean and standard deviation over labelled pixels, in the unit of its name.</summary>
public sealed record UnitStatistics(double Mean, double Deviation);

/// <summary>Depth over a split. All pixels count alike.</summary>
/// <param name="Pixels">Labelled pixels.</param>
/// <param name="Unlabelled">Pixels without depth, in samples that have a depth map.</param>
/// <param name="Minimum">Metres.</param>
/// <param name="Maximum">Metres.</param>
/// <param name="Metres">Of depth d in metres.</param>
/// <param name="Log">Of ln(d).</param>
/// <param name="Inverse">Of 1 / d, per metre.</param>
/// <param name="HistogramEdges">Metres: the bounds of the histogram's bins, four an octave. The outer bins take what lies
/// beyond.</param>
/// <param name="Histogram">Pixels in each bin; one bin fewer than edges.</param>
public sealed record DepthSummary(
    long Pixels,
    long Unlabelled,
    double Minimum,
    double Maximum,
    UnitStatistics Metres,
    UnitStatistics Log,
    UnitStatistics Inverse,
    ImmutableArray<double> HistogramEdges,
    ImmutableArray<long> Histogram
);

/// <summary>How often a class occurs.</summary>
/// <param name="Frequency">Share of the labelled pixels.</param>
/// <param name="Samples">Samples in which it occurs.</param>
public sealed record ClassSummary(string Name, long Pixels, double Frequency, int Samples);

/// <summary>What `mtlc data stats` computes: depth in each unit that a network may regress, and class frequencies.</summary>
/// <param name="Depth">Null where no sample has depth.</param>
/// <param name="Classes">Empty where no sample has labels.</param>
/// <param name="Ignored">Unlabelled pixels in samples that have labels.</param>
public sealed record DataStatistics(
    string Split,
    int Samples,
    DepthSummary? Depth,
    ImmutableArray<ClassSummary> Classes,
    long Ignored
)
{
    public const string CurrentFormat = "mtl-statistics/1";

    const int LargestFile = 1 << 20;

    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    [JsonPropertyOrder(-1), JsonInclude]
    public string Format { get; private init; } = CurrentFormat;

    /// <summary>Reads every sample of a split once, in parallel. The result does not depend on the number of workers.</summary>
    /// <param name="progress">Is told the number of samples read so far.</param>
    /// <exception cref="DataException">The split is empty or a sample cannot be read.</exception>
    public static DataStatistics Compute(
        IDataSource source,
        Split split = Data.Samples.Split.Train,
        IProgress<int>? progress = null,
        int workers = 0,
        CancellationToken cancel = default
    )
    {
        var count = source.Count(split);
        if (count == 0)
            throw new DataException($"the split '{split.Folder()}' is empty: there is nothing to compute statistics of");
        var total = new StatisticsSum();
        var done = 0;
        // Rounds of bounded size: sums are merged in the order of the samples, whatever order they were read in.
        var round = new StatisticsSum[Math.Min(count, 256)];
        for (var first = 0; first < count; first += round.Length)
        {
            var size = Math.Min(round.Length, count - first);
            var start = first;
            DataParallel.ForEach(
                size,
                workers,
                cancel,
                i =>
                {
                    round[i] = StatisticsSum.Of(source.Read(split, start + i));
                    progress?.Report(Interlocked.Increment(ref done));
                }
            );
            foreach (var sum in round.AsSpan(0, size))
                total.Add(sum);
        }
        return total.Summary(split.Folder(), count, source.Contract.ClassNames);
    }

    /// <summary>Where the statistics of a data set lie: in its folder, or beside its manifest.</summary>
    public static string DefaultPath(string dataPath) =>
        Directory.Exists(dataPath)
            ? Path.Combine(dataPath, "statistics.json")
            : Path.ChangeExtension(dataPath, ".statistics.json");

    /// <summary>What a data set's contract says of depth.</summary>
    public DepthStatistics? ToContract() =>
        Depth is { } d ? new DepthStatistics(d.Metres.Mean, d.Metres.Deviation, d.Minimum, d.Maximum) : null;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public void Save(string path) => File.WriteAllText(path, ToJson() + "\n");

    /// <exception cref="DataException">Missing, or not statistics that <see cref="Save"/> wrote.</exception>
    public static DataStatistics Load(string path)
    {
        try
        {
            var statistics = JsonSerializer.Deserialize<DataStatistics>(
                DataFile.WithoutMark(DataFile.ReadBytes(path, LargestFile)).Span,
                Json
            );
            if (statistics is { Format: CurrentFormat })
                return statistics;
            throw new DataException(
                $"{path}: statistics of another format than {CurrentFormat}; compute them again with `mtlc data stats`"
            );
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new DataException(
                $"{path}: not data statistics, or damaged ({e.Message}); compute them again with `mtlc data stats`",
                e
            );
        }
    }

    /// <summary>Depth from the statistics stored for a data set; null where there are none.</summary>
    internal static DepthStatistics? StoredDepth(string dataPath)
    {
        var path = DefaultPath(dataPath);
        return File.Exists(path) ? Load(path).ToContract() : null;
    }
}
