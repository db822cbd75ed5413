using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Synthetic;

/// <summary>
/// The embedded data set: streets that are rendered when they are read, with no files. Each scene is a pure function of
/// (seed, split, index): the same bytes on every machine, whatever else was rendered before or at the same time.
/// </summary>
public sealed class SyntheticSource : IDataSource
{
    /// <summary>Smallest number of rows or columns a street can be drawn with.</summary>
    public const int MinimumSize = 16;
    const int MaximumSize = 8192;

    readonly int scenes;
    readonly ImageSize size;
    readonly int seed;

    /// <param name="scenes">Scenes of the training split; validation and test have an eighth of them each, at least 8.</param>
    /// <param name="size">Size of every picture in pixels.</param>
    /// <param name="seed">Another seed is another town.</param>
    /// <exception cref="DataException">There are no scenes, or the size is out of range.</exception>
    public SyntheticSource(int scenes, ImageSize size, int seed)
    {
        if (scenes < 1)
            throw new DataException($"synthetic: {scenes} scenes were asked for; there must be at least 1.");
        if (size.Height is < MinimumSize or > MaximumSize || size.Width is < MinimumSize or > MaximumSize)
            throw new DataException(
                $"synthetic: a picture of {size} cannot be rendered; height and width must lie between {MinimumSize} and "
                    + $"{MaximumSize}."
            );
        (this.scenes, this.size, this.seed) = (scenes, size, seed);
    }

    public DataContract Contract =>
        new(DataContract.CityscapesClasses, ClassId.Unlabelled, HasDepth: true, size, Statistics) { Maps = [DataMap.Disparity] };

    /// <summary>Metres between the two cameras whose disparity is given: about that of Cityscapes' car.</summary>
    public const double Baseline = 0.21;

    /// <summary>Depth over the first 256 training scenes of seed 0 at 128x256: mean and deviation measured; nothing is nearer
    /// than 4 m or farther than 300 m.</summary>
    public static DepthStatistics Statistics { get; } = new(25.8, 28.8, 4.0, 300.0);

    public int Count(Split split) => split == Split.Train ? scenes : new SyntheticRecipe(scenes).ValidationScenes;

    public string Name(Split split, int index) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Word(split)}/{index}");

    public Sample Read(Split split, int index)
    {
        var scene = Render(split, index);
        return new Sample(Name(split, index), scene.Height, scene.Width, scene.Rgb, scene.Classes, scene.Depth, scene.Camera);
    }

    /// <summary>Disparity in pixels, baseline * focal length / depth, as far as a stereo camera would see it: in steps of 1/16,
    /// and none where that is 0.</summary>
    /// <exception cref="DataException">It is another map's name.</exception>
    public float[] ReadMap(string map, Split split, int index, Sample sample)
    {
        if (map != DataMap.Disparity.Name)
            throw new DataException($"synthetic: there is no map '{map}'; scenes have {DataMap.Disparity.Name}.");
        var (depth, camera) =
            sample is { Depth: { } known, Camera: { } seen } ? (known, seen)
            : Read(split, index) is { Depth: { } rendered, Camera: { } its } ? (rendered, its)
            : throw new InvalidOperationException();
        var numerator = Baseline * camera.FocalX;
        return Array.ConvertAll(
            depth,
            metres => Math.Round(numerator / metres * 16) is > 0 and var steps ? (float)(steps / 16) : float.NaN
        );
    }

    /// <summary>A scene with its surface normals, which samples do not carry.</summary>
    /// <exception cref="DataException">The split has no such scene.</exception>
    public RenderedScene Render(Split split, int index)
    {
        if (index < 0 || index >= Count(split))
            throw new DataException(
                $"synthetic: there is no scene {Name(split, index)}; the split has {Count(split)}, counted from 0."
            );
        return Renderer.Render(SceneBuilder.Build(new CounterRandom(seed, split, index)), size.Height, size.Width);
    }

    static string Word(Split split) =>
        split switch
        {
            Split.Train => "train",
            Split.Validation => "validation",
            _ => "test",
        };
}

sealed class SyntheticLayout : DataLayout<SyntheticRecipe>
{
    protected override IDataSource Open(SyntheticRecipe recipe) =>
        new RememberedSource(new SyntheticSource(recipe.Scenes, recipe.Size, recipe.Seed), MemoryPlan.KeptScenes);

    protected override string? Location(SyntheticRecipe recipe) => null;

    public override SourceRecipe? Recognize(string folder) => null;
}
