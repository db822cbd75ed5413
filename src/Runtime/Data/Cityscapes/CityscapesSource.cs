using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Cityscapes;

/// <summary>
/// Cityscapes (Cordts et al. 2016): `root/{leftImg8bit,gtFine,disparity,camera}/{split}/{city}/{city}_{seq}_{frame}_{type}`.
/// Label ids become the 19 train ids; depth in metres is baseline * fx / ((p - 1) / 256) from the 16-bit disparity p, unlabelled
/// where p is 0 or 1. Without a gtFine or a disparity folder that modality is left out. </summary>
public sealed partial class CityscapesSource : IDataSource
{
    public const string RootVariable = "CITYSCAPES_DATASET";

    static readonly LabelMap Labels = LabelMap.CityscapesLabelIds();

    readonly DataRoot root;
    readonly ImmutableArray<string>[] ids;

    /// <summary>Lists the pictures of each split and reads the size of the first.</summary>
    /// <param name="root">The folder; where omitted, the environment variable CITYSCAPES_DATASET names it.</param>
    /// <exception cref="DataException">No such folder, no pictures, an empty split or city, or files under other
    /// names.</exception>
    public CityscapesSource(string? root = null)
    {
        if (string.IsNullOrEmpty(root))
            root = Environment.GetEnvironmentVariable(RootVariable);
        if (string.IsNullOrEmpty(root))
            throw new DataException(
                $"where is Cityscapes? name its folder, cityscapes(\"DIR\"), or set the variable {RootVariable}"
            );
        this.root = new DataRoot(root);
        ids = Splits.All.Select(List).ToArray();
        if (ids.All(s => s.IsEmpty))
            throw new DataException(
                $"{this.root.Root}: not in the Cityscapes layout: "
                    + "it has none of the folders leftImg8bit/train, leftImg8bit/val and leftImg8bit/test"
            );
        var (labels, depth) = (this.root.HasFolder("gtFine"), this.root.HasFolder("disparity"));
        if (depth && !this.root.HasFolder("camera"))
            throw new DataException(
                $"{this.root.Root}/camera: no such folder; disparity becomes depth only with the camera files"
            );
        var first = Splits.All.First(s => Count(s) > 0);
        Contract = new DataContract(
            labels ? DataContract.CityscapesClasses : [],
            LabelMap.Ignore,
            depth,
            PngReader.ReadSize(PathOf(first, 0, "leftImg8bit", "png")),
            depth ? DataStatistics.StoredDepth(this.root.Root) : null
        )
        {
            Maps = depth ? [DataMap.Disparity] : [],
        };
    }

    public DataContract Contract { get; }

    public int Count(Split split) => ids[(int)split].Length;

    public string Name(Split split, int index) => $"{split.Folder()}/{Id(split, index)}";

    /// <summary>The name that the benchmark gives a picture: `{city}_{seq}_{frame}`.</summary>
    public string Id(Split split, int index) => ids[(int)split][index];

    /// <inheritdoc/>
    public void RequireLabels(Split split)
    {
        if (split == Split.Test)
            throw new DataException(
                $"{root.Root}/gtFine/test: the labels of Cityscapes' test split are dummies: "
                    + "evaluate on val, or predict on test and hand the label ids in"
            );
    }

    public Sample ReadPicture(Split split, int index)
    {
        var path = PathOf(split, index, "leftImg8bit", "png");
        var picture = Picture.Load(path);
        var size = Contract.FixedSize!.Value;
        if ((picture.Height, picture.Width) != (size.Height, size.Width))
            throw new DataException(
                $"{path}: {picture.Height}x{picture.Width} pixels, but the first picture of the data set has {size}"
            );
        return new Sample(Name(split, index), picture.Height, picture.Width, picture.Rgb, null, null);
    }

    public Sample Read(Split split, int index)
    {
        var sample = ReadPicture(split, index);
        // The test split's labels are dummies; nobody gets to see them.
        var classes =
            Contract.ClassNames.IsEmpty || split == Split.Test
                ? null
                : Labels.Read(PathOf(split, index, "gtFine", "png", "gtFine_labelIds"), sample.Height, sample.Width);
        var camera = Contract.HasDepth ? CityscapesCamera.Read(PathOf(split, index, "camera", "json")) : null;
        var depth = camera is null ? null : ReadDepth(PathOf(split, index, "disparity", "png"), sample, camera);
        return sample with { Classes = classes, Depth = depth, Camera = camera?.Intrinsics };
    }

    /// <summary>Disparity in pixels, (p - 1) / 256; none where p is 0.</summary>
    public float[] ReadMap(string map, Split split, int index, Sample sample) =>
        map == DataMap.Disparity.Name
            ? ReadDisparity(PathOf(split, index, "disparity", "png"), sample.Height, sample.Width)
            : throw new DataException($"{root.Root}: there is no map '{map}'; the layout has {DataMap.Disparity.Name}");

    internal static float[] ReadDisparity(string path, int height, int width) =>
        MapFile.ReadGray(path, height, width, 16, p => p == 0 ? float.NaN : (p - 1) / 256);

    static float[] ReadDepth(string path, Sample picture, CityscapesCamera camera)
    {
        var png = PngReader.Read(path);
        Sizes.Check(path, png.Height, png.Width, picture.Height, picture.Width);
        if (png is not { Color: PngColor.Gray, BitDepth: 16 })
            throw new DataException($"{path}: disparity must be a gray PNG of 16 bits, not {png.Color} of {png.BitDepth}");
        var (depth, numerator) = (new float[png.Words!.Length], (float)(camera.Baseline * camera.Intrinsics.FocalX));
        for (var p = 0; p < depth.Length; p++)
            depth[p] = png.Words[p] <= 1 ? float.NaN : numerator / ((png.Words[p] - 1) / 256f);
        return depth;
    }

    string PathOf(Split split, int index, string modality, string extension, string? type = null)
    {
        var id = Id(split, index);
        return root.Resolve($"{modality}/{split.Folder()}/{CityOf(id)}/{id}_{type ?? modality}.{extension}");
    }

    static string CityOf(string id) => id[..^14];

    ImmutableArray<string> List(Split split)
    {
        var folder = $"leftImg8bit/{split.Folder()}";
        if (!root.HasFolder("leftImg8bit") || !root.HasFolder(folder))
            return [];
        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var city in root.FolderNames(folder))
        foreach (var file in root.FileNames($"{folder}/{city}"))
        {
            var name = PictureName().Match(file);
            if (!name.Success || name.Groups["city"].Value != city)
                throw new DataException(
                    $"{root.Root}/{folder}/{city}/{file}: " + $"pictures here are called {city}_000000_000000_leftImg8bit.png"
                );
            found.Add(name.Groups["id"].Value);
        }
        if (found.Count == 0)
            throw new DataException(
                $"{root.Root}/{folder}: an empty split: no city folder with pictures; "
                    + "unpack leftImg8bit_trainvaltest.zip there or remove the folder"
            );
        return found.DrainToImmutable();
    }

    [GeneratedRegex(@"^(?<id>(?<city>.+)_\d{6}_\d{6})_leftImg8bit\.png$", RegexOptions.CultureInvariant)]
    private static partial Regex PictureName();
}

sealed class CityscapesLayout : DataLayout<CityscapesRecipe>
{
    protected override IDataSource Open(CityscapesRecipe recipe) =>
        new CityscapesSource(recipe.Path.IsEmpty ? null : Given(recipe));

    protected override string? Location(CityscapesRecipe recipe) =>
        recipe.Path.IsEmpty ? Environment.GetEnvironmentVariable(CityscapesSource.RootVariable) : recipe.Path.Full;

    public override MapReader ReaderOf(SourceRecipe recipe, string map)
    {
        var plain = base.ReaderOf(recipe, map);
        return (path, height, width) =>
            IsPng(path) ? CityscapesSource.ReadDisparity(path, height, width) : plain(path, height, width);
    }

    public override SourceRecipe? Recognize(string folder) =>
        Directory.Exists(Path.Combine(folder, "leftImg8bit")) ? new CityscapesRecipe(new FilePath(folder)) : null;
}
