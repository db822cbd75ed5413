using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Manifest;

enum NumberFile
{
    U8,
    U16,
    Npy,
    Pfm,
    Rgb8,
}

/// <summary>What models may read beside the picture, under the name of their `input`.</summary>
/// <param name="Invalid">Stored numbers that mean "none here".</param>
sealed record MapInputFile(string Name, string Path, NumberFile File, DecodeExpression Decode, ImmutableArray<float> Invalid)
{
    public int Channels => File == NumberFile.Rgb8 ? 3 : 1;
}

sealed record LabelTarget(string Path, ImmutableArray<string> Classes, LabelMap Map, bool Optional);

/// <param name="Invalid">Stored numbers that mean "no depth".</param>
/// <param name="ToMetres">Metres in one unit.</param>
/// <param name="Range">Metres; depth outside is unlabelled.</param>
sealed record DepthTarget(
    string Path,
    NumberFile File,
    DecodeExpression Decode,
    ImmutableArray<float> Invalid,
    float ToMetres,
    (float Near, float Far)? Range,
    bool Optional
);

/// <summary>What a manifest of format `mtl-data/1` says (docs/data.md), with every name, number and expression checked.</summary>
/// <param name="Root">Folder, as an absolute path.</param>
/// <param name="Lists">File of ids of each split, relative to the root.</param>
/// <param name="Rgb">Path of the picture, with {id}.</param>
/// <param name="Maps">Everything under `inputs` but the picture.</param>
/// <param name="Camera">Path of a camera file in Cityscapes' form, with {id}.</param>
sealed partial record DataManifest(
    string Root,
    ImmutableDictionary<Split, string> Lists,
    string Rgb,
    ImmutableArray<MapInputFile> Maps,
    LabelTarget? Labels,
    DepthTarget? Depth,
    string? Camera
)
{
    const string Format = "mtl-data/1";

    /// <exception cref="DataException">The manifest breaks a rule; the message has the line and column.</exception>
    public static DataManifest Read(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var file = ManifestYaml.Read(path).AsMap("a manifest");
        if (file.Find("format") is not { } format)
            throw file.Error($"a manifest begins with `format: {Format}`");
        if (format.AsText("format") != Format)
            throw format.Error($"format '{format.AsText("format")}' is unknown; this version reads {Format}");
        file.WithKeys("a manifest", "format", "root", "splits", "inputs", "targets", "camera?");
        var inputs = file["inputs"].AsMap("inputs");
        if (inputs.Find("rgb") is null)
            throw inputs.Error("inputs lacks 'rgb'; a manifest guesses nothing");
        var rgb = inputs["rgb"].AsMap("rgb").WithKeys("rgb", "path", "kind");
        rgb["kind"].AsWord("kind of rgb", "rgb8");
        var targets = file["targets"].AsMap("targets").WithKeys("targets", "semseg?", "depth?");
        var camera = file.Find("camera") is { } c ? Template(c, "camera") : null;
        return new DataManifest(
            System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, file["root"].AsText("root")),
            ReadLists(file["splits"].AsMap("splits").WithKeys("splits", "train?", "val?", "test?")),
            Template(rgb["path"], "path"),
            [.. inputs.Entries.Where(e => e.Key != "rgb").Select(e => ReadMap(e.Key, e.Value, camera))],
            targets.Find("semseg") is { } labels ? ReadLabels(labels.AsMap("semseg")) : null,
            targets.Find("depth") is { } depth ? ReadDepth(depth.AsMap("depth"), camera) : null,
            camera
        );
    }

    static ImmutableDictionary<Split, string> ReadLists(ManifestNode.Map splits)
    {
        if (splits.Entries.Count == 0)
            throw splits.Error("splits names no split; it has train, val, test");
        return Splits
            .All.Where(s => splits.Find(s.Folder()) is not null)
            .ToImmutableDictionary(s => s, s => splits[s.Folder()].AsText("a split's list of ids"));
    }

    static LabelTarget ReadLabels(ManifestNode.Map map)
    {
        map.WithKeys("semseg", "path", "kind", "classes", "map?", "ignore", "optional?");
        map["kind"].AsWord("kind of semseg", "index");
        ImmutableArray<string> classes =
            map["classes"] is ManifestNode.List list ? [.. list.Items.Select(ClassName)]
            : map["classes"].AsWord("classes", "cityscapes19") == "cityscapes19" ? DataContract.CityscapesClasses
            : [];
        if (classes.Length is 0 or > 255)
            throw map["classes"].Error($"{classes.Length} classes; there must be 1 to 255");
        if (classes.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw map["classes"].Error($"the class '{twice.Key}' stands here twice");
        return new LabelTarget(Template(map["path"], "path"), classes, LabelNumbers.Read(map, classes), IsOptional(map));
    }

    // It becomes the head of a column, a key, a line of a table: a line break or half a character would be another name there.
    static string ClassName(ManifestNode node)
    {
        var name = node.AsText("a class name");
        return name.EnumerateRunes().Any(r => Rune.IsControl(r) || r.Value is 0x2028 or 0x2029 || r == Rune.ReplacementChar)
            ? throw node.Error("a class name is one line of text, without control characters")
            : name;
    }

    static DepthTarget ReadDepth(ManifestNode.Map map, string? camera)
    {
        map.WithKeys("depth", "path", "kind", "decode", "invalid", "unit", "range?", "optional?");
        var file = File(map["kind"].AsWord("kind of depth", "u8", "u16", "npy", "pfm"));
        var decode = Decode(map["decode"], camera);
        var unit = map["unit"].AsWord("unit", "m", "cm", "mm") switch
        {
            "m" => 1f,
            "cm" => 0.01f,
            _ => 0.001f,
        };
        (float, float)? range = null;
        if (map.Find("range") is { } node)
        {
            var bounds = node.AsList("range").Select(i => i.AsNumber("a bound of range")).ToList();
            if (bounds is not [> 0 and var near, var far] || far <= near)
                throw node.Error("range is [nearest, farthest] in metres, 0 < nearest < farthest");
            range = ((float)near, (float)far);
        }
        return new DepthTarget(
            Template(map["path"], "path"),
            file,
            decode,
            [.. map["invalid"].AsList("invalid").Select(i => (float)i.AsNumber("an invalid number"))],
            unit,
            range,
            IsOptional(map)
        );
    }

    static MapInputFile ReadMap(string name, ManifestNode node, string? camera)
    {
        var what = $"input '{name}'";
        if (!MapName().IsMatch(name))
            throw node.Error($"{what}: a name is letters, digits and '_', and begins with no digit");
        var map = node.AsMap(what).WithKeys(what, "path", "kind", "decode?", "invalid?");
        var file = File(map["kind"].AsWord($"kind of {what}", "u8", "u16", "npy", "pfm", "rgb8"));
        if (file == NumberFile.Rgb8 && (map.Find("decode") ?? map.Find("invalid")) is { } wrong)
            throw wrong.Error(
                $"{what}: a picture (rgb8) is read as it is, three channels of 0 to 255: without decode and invalid"
            );
        return new(
            name,
            Template(map["path"], "path"),
            file,
            map.Find("decode") is { } decode ? Decode(decode, camera) : DecodeExpression.Parse("v"),
            [.. (map.Find("invalid")?.AsList("invalid") ?? []).Select(i => (float)i.AsNumber("an invalid number"))]
        );
    }

    static NumberFile File(string kind) =>
        kind switch
        {
            "u8" => NumberFile.U8,
            "u16" => NumberFile.U16,
            "npy" => NumberFile.Npy,
            "pfm" => NumberFile.Pfm,
            _ => NumberFile.Rgb8,
        };

    static DecodeExpression Decode(ManifestNode node, string? camera)
    {
        DecodeExpression decode;
        try
        {
            decode = DecodeExpression.Parse(node.AsText("decode"));
        }
        catch (FormatException e)
        {
            throw node.Error($"decode: {e.Message}");
        }
        return decode.NeedsCamera && camera is null
            ? throw node.Error("decode uses the camera, but the manifest has no `camera: \"path/{id}.json\"`")
            : decode;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z_0-9]*$")]
    private static partial Regex MapName();

    static bool IsOptional(ManifestNode.Map map) => map.Find("optional")?.AsBool("optional") ?? false;

    static string Template(ManifestNode node, string what)
    {
        var text = node.AsText(what);
        return text.Contains("{id}", StringComparison.Ordinal)
            ? text
            : throw node.Error($"{what} '{text}' must contain {{id}}, for which each sample's id is put");
    }

    public static string Fill(string template, string id) => template.Replace("{id}", id, StringComparison.Ordinal);
}
