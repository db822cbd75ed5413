using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Manifest;

/// <summary>
/// Any other data, described by a YAML manifest in which nothing is guessed: where each file lies, what its numbers mean, which
/// of them are no labels (docs/data.md). Paths and links that lead out of the manifest's root are refused. </summary>
public sealed class ManifestSource : IDataSource
{
    readonly DataManifest manifest;
    readonly DataRoot root;
    readonly IdList?[] ids;

    /// <summary>Reads the manifest and its lists of ids, and looks whether each split's first picture is there.</summary>
    /// <exception cref="DataException">The manifest breaks a rule, a list is missing, empty or names an id twice.</exception>
    public ManifestSource(string path)
    {
        manifest = DataManifest.Read(path);
        root = new DataRoot(manifest.Root);
        ids = Splits.All.Select(ReadIds).ToArray();
        Contract = new DataContract(
            manifest.Labels?.Classes ?? [],
            LabelMap.Ignore,
            manifest.Depth is not null,
            FixedSize: null,
            manifest.Depth is null ? null : DataStatistics.StoredDepth(path)
        )
        {
            Maps = [.. manifest.Maps.Select(m => new DataMap(m.Name, m.Channels))],
        };
    }

    public DataContract Contract { get; }

    public int Count(Split split) => ids[(int)split]?.Count ?? 0;

    public string Name(Split split, int index) => Name(split, Id(split, index));

    public Sample ReadPicture(Split split, int index) => ReadPicture(split, Id(split, index));

    public Sample Read(Split split, int index)
    {
        var id = Id(split, index);
        string PathOf(string template) => root.Resolve(DataManifest.Fill(template, id));
        string? Present(string template, bool optional) => PathOf(template) is var p && (!optional || File.Exists(p)) ? p : null;

        var sample = ReadPicture(split, id);
        var (height, width) = (sample.Height, sample.Width);
        var camera = manifest.Camera is { } c ? CityscapesCamera.Read(PathOf(c)) : null;
        var classes =
            manifest.Labels is { } l && Present(l.Path, l.Optional) is { } labelPath
                ? l.Map.Read(labelPath, height, width)
                : null;
        var depth =
            manifest.Depth is { } d && Present(d.Path, d.Optional) is { } depthPath
                ? ReadDepth(d, depthPath, height, width, camera)
                : null;
        return sample with { Classes = classes, Depth = depth, Camera = camera?.Intrinsics };
    }

    public float[] ReadMap(string map, Split split, int index, Sample sample)
    {
        var (input, id) = (Find(manifest, map), Id(split, index));
        var camera = input.Decode.NeedsCamera
            ? CityscapesCamera.Read(root.Resolve(DataManifest.Fill(manifest.Camera!, id)))
            : null;
        return ReadMap(input, root.Resolve(DataManifest.Fill(input.Path, id)), sample.Height, sample.Width, camera);
    }

    /// <exception cref="DataException">The manifest has no such input.</exception>
    internal static MapInputFile Find(DataManifest manifest, string map) =>
        manifest.Maps.FirstOrDefault(m => m.Name == map) ?? throw new DataException($"the manifest has no input '{map}'");

    internal static float[] ReadMap(MapInputFile input, string path, int height, int width, CityscapesCamera? camera = null)
    {
        if (input.File == NumberFile.Rgb8)
            return MapFile.ReadColours(path, height, width);
        var decode = camera is null ? input.Decode.Bind() : input.Decode.Bind(camera.Baseline, camera.Intrinsics.FocalX);
        float Number(float stored) => input.Invalid.Contains(stored) ? float.NaN : decode(stored);
        return ReadNumbers(input.File, path, height, width, Number);
    }

    static float[] ReadNumbers(NumberFile file, string path, int height, int width, Func<float, float> decode) =>
        file switch
        {
            NumberFile.Npy => MapFile.ReadNpy(path, height, width, decode),
            NumberFile.Pfm => MapFile.ReadPfm(path, height, width, decode),
            _ => MapFile.ReadGray(path, height, width, file == NumberFile.U8 ? 8 : 16, decode, "the manifest says"),
        };

    string Id(Split split, int index) => (ids[(int)split] ?? throw new ArgumentOutOfRangeException(nameof(split)))[index];

    static string Name(Split split, string id) => $"{split.Folder()}/{id}";

    Sample ReadPicture(Split split, string id)
    {
        var picture = Picture.Load(root.Resolve(DataManifest.Fill(manifest.Rgb, id)));
        return new Sample(Name(split, id), picture.Height, picture.Width, picture.Rgb, null, null);
    }

    static float[] ReadDepth(DepthTarget target, string path, int height, int width, CityscapesCamera? camera)
    {
        var decode = camera is null ? target.Decode.Bind() : target.Decode.Bind(camera.Baseline, camera.Intrinsics.FocalX);
        float Metres(float stored)
        {
            if (target.Invalid.Contains(stored))
                return float.NaN;
            var metres = decode(stored);
            if (target.ToMetres != 1)
                metres *= target.ToMetres;
            var valid =
                float.IsFinite(metres)
                && metres > 0
                && (target.Range is not { } range || metres >= range.Near && metres <= range.Far);
            return valid ? metres : float.NaN;
        }

        return ReadNumbers(target.File, path, height, width, Metres);
    }

    IdList? ReadIds(Split split)
    {
        if (!manifest.Lists.TryGetValue(split, out var list))
            return null;
        var path = root.Resolve(list);
        var found = new IdList(path);
        if (found.Count == 0)
            throw new DataException($"{path}: an empty split: the list has no id");
        var first = root.Resolve(DataManifest.Fill(manifest.Rgb, found[0]));
        return File.Exists(first) ? found : throw new DataException($"{first}: no such file; {path} lists the id '{found[0]}'");
    }
}

sealed class ManifestLayout : DataLayout<ManifestRecipe>
{
    protected override IDataSource Open(ManifestRecipe recipe) => new ManifestSource(Given(recipe));

    protected override string? Location(ManifestRecipe recipe) => recipe.Path.Full;

    public override MapReader ReaderOf(SourceRecipe recipe, string map)
    {
        var input = ManifestSource.Find(DataManifest.Read(Given((ManifestRecipe)recipe)), map);
        var plain = base.ReaderOf(recipe, map);
        return (path, height, width) =>
            !IsOwn(input.File, path) ? plain(path, height, width)
            : input.Decode.NeedsCamera
                ? throw new DataException(
                    $"{path}: the manifest decodes '{map}' with a camera, which a picture alone does not have: give its numbers, "
                        + "decoded, as .npy or .pfm"
                )
            : ManifestSource.ReadMap(input, path, height, width);
    }

    static bool IsOwn(NumberFile file, string path) =>
        file switch
        {
            NumberFile.U8 or NumberFile.U16 => IsPng(path),
            NumberFile.Npy => path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase),
            NumberFile.Pfm => path.EndsWith(".pfm", StringComparison.OrdinalIgnoreCase),
            _ => true,
        };

    public override SourceRecipe? Recognize(string folder) => null;
}
