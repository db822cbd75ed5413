using System.Globalization;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.MiniScapes;

/// <summary>
/// MiniScapes, the report's data: `root/{train,val,test}/{rgb/N.jpg,semseg/N.png,depth/N.png}`, N from 0 without a gap. Labels
/// are palette or gray PNGs whose indices are the 19 Cityscapes classes, 255 unlabelled; depth is a <see cref="DisparityCode"/>.
/// A label file that is missing leaves its modality out of that sample. </summary>
public sealed class MiniScapesSource : IDataSource
{
    static readonly LabelMap Labels = LabelMap.Identity(19, LabelMap.Ignore);

    readonly DataRoot root;
    readonly int[] counts;

    /// <summary>Counts the pictures of each split; reads none.</summary>
    /// <exception cref="DataException">No such folder, no split in it, an empty split, or a gap in the numbering.</exception>
    public MiniScapesSource(string root)
    {
        this.root = new DataRoot(root);
        counts = Splits.All.Select(CountPictures).ToArray();
        if (counts.All(c => c == 0))
            throw new DataException(
                $"{this.root.Root}: not in the MiniScapes layout: it has none of the folders train, val and test"
            );
        bool Has(string modality) => Splits.All.Any(s => this.root.HasFolder($"{s.Folder()}/{modality}"));
        Contract = new DataContract(
            Has("semseg") ? DataContract.CityscapesClasses : [],
            LabelMap.Ignore,
            Has("depth"),
            FixedSize: null,
            Has("depth") ? MiniScapesRecipe.ReportStatistics : null
        )
        {
            Maps = Has("depth") ? [DataMap.Disparity] : [],
        };
    }

    public DataContract Contract { get; }

    public int Count(Split split) => counts[(int)split];

    public string Name(Split split, int index) => string.Create(CultureInfo.InvariantCulture, $"{split.Folder()}/{index}");

    public Sample Read(Split split, int index)
    {
        var sample = ReadPicture(split, index);
        var (semseg, depth) = (PathOf(split, "semseg", index, "png"), PathOf(split, "depth", index, "png"));
        return sample with
        {
            Classes = File.Exists(semseg) ? Labels.Read(semseg, sample.Height, sample.Width) : null,
            Depth = File.Exists(depth) ? ReadDepth(depth, sample) : null,
        };
    }

    public Sample ReadPicture(Split split, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count(split), nameof(index));
        var picture = Picture.Load(PathOf(split, "rgb", index, "jpg"));
        return new Sample(Name(split, index), picture.Height, picture.Width, picture.Rgb, null, null);
    }

    /// <summary>Inverse depth, 1 / metres, of the file that depth is read from.</summary>
    public float[] ReadMap(string map, Split split, int index, Sample sample) =>
        map == DataMap.Disparity.Name
            ? ReadDisparity(PathOf(split, "depth", index, "png"), sample.Height, sample.Width)
            : throw new DataException($"{root.Root}: there is no map '{map}'; the layout has {DataMap.Disparity.Name}");

    internal static float[] ReadDisparity(string path, int height, int width) =>
        MapFile.ReadGray(path, height, width, 8, code => 1 / DisparityCode.Decode((byte)code));

    string PathOf(Split split, string modality, int index, string extension) =>
        root.Resolve(string.Create(CultureInfo.InvariantCulture, $"{split.Folder()}/{modality}/{index}.{extension}"));

    static float[] ReadDepth(string path, Sample picture)
    {
        var png = PngReader.Read(path);
        Sizes.Check(path, png.Height, png.Width, picture.Height, picture.Width);
        if (png is not { Color: PngColor.Gray, BitDepth: 8 })
            throw new DataException(
                $"{path}: depth must be a gray PNG of 8 bits (the disparity code), not {png.Color} of {png.BitDepth}"
            );
        var metres = new float[png.Bytes!.Length];
        for (var p = 0; p < metres.Length; p++)
            metres[p] = DisparityCode.Decode(png.Bytes[p]);
        return metres;
    }

    int CountPictures(Split split)
    {
        var folder = $"{split.Folder()}/rgb";
        if (!root.HasFolder(split.Folder()))
            return 0;
        var numbers = new HashSet<int>();
        foreach (var file in root.FileNames(folder).Where(f => f.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase)))
        {
            var stem = file[..^4];
            if (
                !int.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || file != string.Create(CultureInfo.InvariantCulture, $"{number}.jpg")
            )
                throw new DataException($"{root.Root}/{folder}/{file}: pictures are called 0.jpg, 1.jpg, 2.jpg, ...");
            numbers.Add(number);
        }
        if (numbers.Count == 0)
            throw new DataException(
                $"{root.Root}/{split.Folder()}: an empty split: there is no picture rgb/0.jpg; "
                    + "put pictures there or remove the folder"
            );
        for (var i = 0; i < numbers.Count; i++)
            if (!numbers.Contains(i))
                throw new DataException(
                    $"{root.Root}/{folder}/{i}.jpg: missing: there are pictures up to {numbers.Max()}.jpg, "
                        + "and the numbering may have no gap"
                );
        return numbers.Count;
    }
}

sealed class MiniScapesLayout : DataLayout<MiniScapesRecipe>
{
    protected override IDataSource Open(MiniScapesRecipe recipe) => new MiniScapesSource(Given(recipe));

    protected override string? Location(MiniScapesRecipe recipe) => recipe.Path.Full;

    public override MapReader ReaderOf(SourceRecipe recipe, string map)
    {
        var plain = base.ReaderOf(recipe, map);
        return (path, height, width) =>
            IsPng(path) ? MiniScapesSource.ReadDisparity(path, height, width) : plain(path, height, width);
    }

    /// <summary>Never: it has no folder that others do not have (<see cref="DataSources.OfFolder"/>).</summary>
    public override SourceRecipe? Recognize(string folder) => null;
}
