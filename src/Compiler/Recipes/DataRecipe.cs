using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Recipes;

// The constructors below are the settings of `data { }`: names, types, defaults and bounds are read from them.

/// <summary>`data { }`: where samples come from and how training varies them.</summary>
/// <param name="Source">`synthetic { scenes, size, seed }`, `miniscapes("DIR")`, `cityscapes("DIR")` or
/// `manifest("FILE")`.</param>
/// <param name="Augment">How training samples are varied.</param>
/// <param name="Corrupt">What a sample that cannot be read does: `fail` names it and ends the run, `skip` counts it.</param>
/// <param name="Workers">Threads that decode and warp ahead of training; 0 takes the number of cores. The data do not depend on
/// it.</param>
public sealed record DataRecipe(
    SourceRecipe? Source = null,
    AugmentRecipe? Augment = null,
    CorruptPolicy Corrupt = CorruptPolicy.Fail,
    [Bounds(0, 256)] int Workers = 0
)
{
    public SourceRecipe Source { get; init; } = Source ?? new SyntheticRecipe();
    public AugmentRecipe Augment { get; init; } = Augment ?? new();

    /// <summary>Threads that read on a machine of so many cores.</summary>
    public int WorkersOn(int cores) => Workers > 0 ? Workers : cores;

    /// <summary>How many examples are read ahead of whoever takes <paramref name="batch"/> at a time: the bound on
    /// memory.</summary>
    public long Ahead(int cores, long batch) => WorkersOn(cores) + 2 * batch;
}

public enum CorruptPolicy
{
    Fail,
    Skip,
}

public abstract record SourceRecipe
{
    /// <summary>What is known of the data before they are opened; null where only they tell.</summary>
    public virtual DataContract? Promise => null;
}

/// <summary>Data on disk. The runtime reads them in a `DataLayout` of this recipe.</summary>
/// <param name="Path">A folder, or the file that describes them.</param>
public abstract record StoredRecipe(FilePath Path) : SourceRecipe;

/// <summary>The embedded renderer of street scenes.</summary>
[Word("synthetic")]
public sealed record SyntheticRecipe(
    [Bounds(1, 10_000_000)] int Scenes = 512,
    ImageSize Size = default,
    [Bounds(0, int.MaxValue)] int Seed = 0
) : SourceRecipe
{
    public ImageSize Size { get; init; } = Size == default ? new(256, 512) : Size;

    /// <summary>Scenes of the validation split, and of the test split.</summary>
    public int ValidationScenes => Math.Max(8, Scenes / 8);

    public override DataContract Promise =>
        new(DataContract.CityscapesClasses, DataContract.Unlabelled, HasDepth: true, Size, null) { Maps = [DataMap.Disparity] };
}

/// <summary>The course's data (see docs/data.md).</summary>
[Word("miniscapes")]
public sealed record MiniScapesRecipe(FilePath Path) : StoredRecipe(Path)
{
    /// <summary>What its code of depth can hold, in metres.</summary>
    public const float Nearest = 4,
        Farthest = 300;

    /// <summary>Depth over the original's training split, in metres, with which the report standardises.</summary>
    public static DepthStatistics ReportStatistics { get; } = new(27.0727, 29.1264, Nearest, Farthest);

    public override DataContract Promise =>
        new(DataContract.CityscapesClasses, DataContract.Unlabelled, HasDepth: true, null, ReportStatistics)
        {
            Maps = [DataMap.Disparity],
        };
}

/// <summary>Cityscapes; without a path the environment variable CITYSCAPES_DATASET.</summary>
[Word("cityscapes")]
public sealed record CityscapesRecipe(FilePath Path = default) : StoredRecipe(Path)
{
    public override DataContract Promise =>
        new(DataContract.CityscapesClasses, DataContract.Unlabelled, HasDepth: true, null, null) { Maps = [DataMap.Disparity] };
}

/// <summary>Any other data, described by a YAML manifest.</summary>
[Word("manifest")]
public sealed record ManifestRecipe(FilePath Path) : StoredRecipe(Path);

/// <summary>`augment: { }`: one warp a sample (crop, scale, flip, tilt, perspective wiggle), then photometric jitter.</summary>
/// <param name="Crop">Size of the training crop, `256` or `256x512`.</param>
/// <param name="Flip">Mirror every second sample.</param>
/// <param name="Scale">Zoom, drawn log-uniformly from the interval.</param>
/// <param name="Tilt">Largest rotation, in degrees either way.</param>
/// <param name="Wiggle">Largest perspective shift of a corner, as a share of the crop.</param>
/// <param name="Jitter">Largest change of brightness, contrast and saturation, as a share.</param>
/// <param name="ZoomDividesDepth">Whether zooming in by z divides metric depth by z.</param>
public sealed record AugmentRecipe(
    ImageSize Crop = default,
    bool Flip = true,
    Interval? Scale = null,
    [Bounds(0, 45)] double Tilt = 0,
    [Bounds(0, 0.3)] double Wiggle = 0,
    [Bounds(0, 1)] double Jitter = 0,
    bool ZoomDividesDepth = false
)
{
    public ImageSize Crop { get; init; } = Crop == default ? new(256, 256) : Crop;
    public Interval Scale { get; init; } = Scale ?? new(1, 1);
}
