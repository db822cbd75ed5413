using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Recipes;

/// <summary>What a data set promises about every sample, so that a model can be checked against it before the first
/// batch.</summary>
/// <param name="ClassNames">Segmentation classes by index; empty where the data has no segmentation labels.</param>
/// <param name="Ignore">The label index that means "no label".</param>
/// <param name="HasDepth">Whether samples carry depth in metres.</param>
/// <param name="FixedSize">The size of every picture, where the data set fixes it.</param>
/// <param name="Depth">Statistics and range of depth in metres, where known before reading the data.</param>
public sealed record DataContract(
    ImmutableArray<string> ClassNames,
    int Ignore,
    bool HasDepth,
    ImageSize? FixedSize,
    DepthStatistics? Depth
)
{
    /// <summary>What a model may read beside the picture (`input NAME: map`), by name.</summary>
    public ImmutableArray<DataMap> Maps { get; init; } = [];

    /// <summary>The label of a pixel that has none, in every sample.</summary>
    public const byte Unlabelled = 255;

    /// <summary>Whether samples carry it.</summary>
    public bool Has(Modality modality) =>
        modality switch
        {
            Modality.Classes => !ClassNames.IsEmpty,
            Modality.Depth => HasDepth,
            Modality.Picture => true,
            _ => throw new ArgumentOutOfRangeException(nameof(modality)),
        };

    /// <summary>What messages call it.</summary>
    public static string Words(Modality modality) =>
        modality switch
        {
            Modality.Classes => "segmentation labels",
            Modality.Depth => "depth",
            Modality.Picture => "pictures",
            _ => throw new ArgumentOutOfRangeException(nameof(modality)),
        };

    /// <summary>The 19 evaluation classes of Cityscapes, in the order of their train ids (Cordts et al. 2016).</summary>
    public static readonly ImmutableArray<string> CityscapesClasses =
    [
        "road",
        "sidewalk",
        "building",
        "wall",
        "fence",
        "pole",
        "traffic light",
        "traffic sign",
        "vegetation",
        "terrain",
        "sky",
        "person",
        "rider",
        "car",
        "truck",
        "bus",
        "train",
        "motorcycle",
        "bicycle",
    ];
}

/// <summary>A map of numbers that the data have for each picture.</summary>
public sealed record DataMap(string Name, int Channels)
{
    /// <summary>What data sets with depth of a stereo camera call the horizontal shift between its pictures.</summary>
    public static DataMap Disparity { get; } = new("disparity", 1) { IsDepth = true };

    /// <summary>Whether it is made of the files that depth is made of.</summary>
    public bool IsDepth { get; init; }
}

/// <summary>A picture's height and width in pixels, written HxW in the language.</summary>
public readonly record struct ImageSize(int Height, int Width)
{
    public override string ToString() => $"{Height}x{Width}";
}

/// <summary>Depth over a training split, all in metres: the mean and standard deviation of labelled pixels, and their
/// range.</summary>
public sealed record DepthStatistics(double Mean, double Deviation, double Minimum, double Maximum);
