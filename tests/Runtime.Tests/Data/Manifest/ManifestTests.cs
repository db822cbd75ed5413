using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Runtime.Data.Images;

namespace Mtlc.Tests.Runtime.Data.Manifest;

public sealed class ManifestTests : IDisposable
{
    const string Manifest = """
        format: mtl-data/1
        root: .
        splits:  { train: train.txt, val: val.txt }            # one id a line
        inputs:  { rgb:    { path: "img/{id}.png", kind: rgb8 } }
        targets:
          semseg: { path: "lab/{id}.png", kind: index, classes: cityscapes19, map: labelIds, ignore: 255 }
          depth:  { path: "d/{id}.png",   kind: u16, decode: "v / 256", invalid: [0], unit: m, range: [0.5, 80] }
        """;

    readonly TemporaryFolder folder = new();

    public ManifestTests()
    {
        folder.File("train.txt", "a/1\r\na/2\n\n");
        folder.File("val.txt", "\uFEFFb");
        foreach (var id in (string[])["a/1", "a/2", "b"])
        {
            folder.File($"img/{id}.png", HandMadePng.Encode(1, 4, 2, 8, [.. Enumerable.Range(0, 12)]));
            folder.File($"lab/{id}.png", HandMadePng.Encode(1, 4, 0, 8, [7, 33, 255, 5]));
            folder.File($"d/{id}.png", HandMadePng.Encode(1, 4, 0, 16, [0, 640, 100, 65535]));
        }
    }

    public void Dispose() => folder.Dispose();

    ManifestSource Open(string manifest = Manifest) => new(folder.File("data.yaml", manifest));

    string Error(Action action) =>
        Assert
            .Throws<DataException>(action)
            .Message.Replace('\\', '/')
            .Replace(folder.Path.Replace('\\', '/'), "", StringComparison.Ordinal);

    string ErrorWith(string old, string now)
    {
        Assert.Contains(old, Manifest, StringComparison.Ordinal);
        return Error(() => Open(Manifest.Replace(old, now, StringComparison.Ordinal)).Read(Split.Train, 0));
    }

    [Fact]
    public void Inputs_beside_the_picture_are_maps()
    {
        foreach (var id in (string[])["a/1", "a/2", "b"])
        {
            folder.File($"t/{id}.png", HandMadePng.Encode(1, 4, 0, 16, [0, 29315, 30315, 65535]));
            folder.File($"p/{id}.png", HandMadePng.Encode(1, 4, 2, 8, [.. Enumerable.Range(0, 12)]));
        }
        var source = Open(
            Manifest.Replace(
                "kind: rgb8 } }",
                """
                kind: rgb8 },
                    thermal: { path: "t/{id}.png", kind: u16, decode: "v / 100 - 273.15", invalid: [65535] },
                    before: { path: "p/{id}.png", kind: rgb8 } }
                """,
                StringComparison.Ordinal
            )
        );
        var sample = source.Read(Split.Train, 1);

        Assert.Equal([new("thermal", 1), new("before", 3)], source.Contract.Maps);
        var thermal = source.ReadMap("thermal", Split.Train, 1, sample);
        Assert.Equal([-273.15, 20, 30], thermal[..3].Select(v => Math.Round(v, 3)));
        Assert.True(float.IsNaN(thermal[3]));
        Assert.Equal([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11], source.ReadMap("before", Split.Train, 1, sample));
        File.Delete(Path.Combine(folder.Path, "t", "b.png"));
        Assert.Equal("/t/b.png: no such file", Error(() => source.ReadMap("thermal", Split.Validation, 0, sample)));
        folder.File("t/b.png", HandMadePng.Encode(1, 4, 0, 16, [65535, 65535, 65535, 65535]));
        var check = DataCheck.Run(source);
        Assert.Equal("no number in the map 'thermal'", Assert.Single(check.Bad).Reason);
    }

    [Theory]
    [InlineData("thermal: { path: \"t/{id}.png\", kind: u12 }", "kind of input 'thermal' 'u12' is unknown; did you mean 'u16'?")]
    [InlineData("thermal: { path: \"t.png\", kind: u16 }", "path 't.png' must contain {id}, for which each sample's id is put")]
    [InlineData(
        "2nd: { path: \"t/{id}.png\", kind: u16 }",
        "input '2nd': a name is letters, digits and '_', and begins with no digit"
    )]
    [InlineData("thermal: { path: \"t/{id}.png\", kind: u16, unit: m }", "input 'thermal' has no setting 'unit'")]
    [InlineData("thermal: { path: \"t/{id}.png\", kind: rgb8, decode: v }", "input 'thermal': a picture (rgb8) is read as it is")]
    [InlineData("thermal: { path: \"t/{id}.png\", kind: u16, decode: \"v * fx\" }", "decode uses the camera")]
    public void A_wrong_input_is_told_with_its_place(string input, string message)
    {
        var error = ErrorWith("kind: rgb8 } }", "kind: rgb8 },\n    " + input + " }");
        Assert.StartsWith("/data.yaml:5:", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_says_what_every_number_means()
    {
        var source = Open();
        Assert.Equal((2, 1, 0), (source.Count(Split.Train), source.Count(Split.Validation), source.Count(Split.Test)));
        var sample = source.Read(Split.Train, 1);
        Assert.Equal("train/a/2", sample.Name);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (byte)i), sample.Rgb);
        Assert.Equal([0, 18, 255, 255], sample.Classes!);
        Assert.Equal([float.NaN, 2.5f, float.NaN, float.NaN], sample.Depth!);
        Assert.Equal(19, source.Contract.ClassNames.Length);
        Assert.True(source.Contract is { HasDepth: true, Depth: null });
    }

    /// <summary>As editors on Windows save them.</summary>
    [Fact]
    public void Byte_order_marks_and_carriage_returns_mean_nothing()
    {
        folder.File("train.txt", "\uFEFFa/1\r\na/2\r\n");
        folder.File(
            "cam/a/1.json",
            "\uFEFF{\r\n \"extrinsic\": { \"baseline\": 0.5 },\r\n \"intrinsic\": { \"fx\": 64, \"fy\": 64, \"u0\": 2, "
                + "\"v0\": 1 } }\r\n"
        );
        var text =
            Manifest.Replace("\"v / 256\"", "\"baseline * fx / v\"", StringComparison.Ordinal) + "\ncamera: \"cam/{id}.json\"\n";
        var source = Open("\uFEFF" + text.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(2, source.Count(Split.Train));
        Assert.Equal("train/a/1", source.Name(Split.Train, 0));
        Assert.Equal(64, source.Read(Split.Train, 0).Camera!.FocalX);
    }

    [Fact]
    public void Own_classes_maps_units_and_files()
    {
        folder.File("d/b.npy", File.ReadAllBytes(FixtureTests.Fixture("u2.npy")));
        folder.File("d/b.pfm", File.ReadAllBytes(FixtureTests.Fixture("cv.pfm")));
        folder.File("img/b.png", HandMadePng.Encode(6, 10, 2, 8, new int[180]));
        folder.File(
            "lab/b.png",
            HandMadePng.Encode(6, 10, 0, 16, [.. Enumerable.Range(0, 60).Select(p => p % 2 == 0 ? 1000 : 65535)])
        );
        Sample Read(string kind, string extension, string decode, string unit) =>
            Open(
                    $$"""
                    format: mtl-data/1
                    root: .
                    splits: { val: val.txt }
                    inputs: { rgb: { path: "img/{id}.png", kind: rgb8 } }
                    targets:
                      semseg: { path: "lab/{id}.png", kind: index, classes: [floor, wall], map: { 1000: 1 }, ignore: [65535, 3] }
                      depth: { path: "d/{id}.{{extension}}", kind: {{kind}}, decode: "{{decode}}", invalid: [2000], unit: {{unit}} }
                    """
                )
                .Read(Split.Validation, 0);
        var npy = Read("npy", "npy", "v", "mm");
        Assert.Equal([float.NaN, 1f, float.NaN, 3f], npy.Depth![..4].Select(m => MathF.Round(m, 5)));
        Assert.Equal([1, 255, 1, 255], npy.Classes![..4]);
        Assert.Equal([float.NaN, 4f, 2f, 4 / 3f], Read("pfm", "pfm", "1 / v", "m").Depth![..4]);
    }

    [Fact]
    public void Disparity_uses_the_camera()
    {
        folder.File("cam/b.json", """{"extrinsic":{"baseline":0.2},"intrinsic":{"fx":1000,"fy":1001,"u0":2,"v0":3}}""");
        var sample = Open(
                Manifest
                    .Replace("v / 256", "baseline * fx / ((v - 1) / 256)", StringComparison.Ordinal)
                    .Replace("train: train.txt, ", "", StringComparison.Ordinal)
                    .Replace("[0.5, 80]", "[0.1, 500]", StringComparison.Ordinal)
                    .Replace("root: .", "root: .\ncamera: \"cam/{id}.json\"", StringComparison.Ordinal)
            )
            .Read(Split.Validation, 0);
        Assert.Equal(200f / (639 / 256f), sample.Depth![1]);
        Assert.Equal(new Camera(1000, 1001, 2, 3), sample.Camera);
        Assert.Contains("the manifest has no `camera", ErrorWith("v / 256", "baseline / v"), StringComparison.Ordinal);
    }

    [Fact]
    public void Optional_targets_may_be_missing_others_not()
    {
        File.Delete(Path.Combine(folder.Path, "lab/a/1.png"));
        Assert.Equal("/lab/a/1.png: no such file", Error(() => Open().Read(Split.Train, 0)));
        var source = Open(Manifest.Replace("ignore: 255", "ignore: 255, optional: true", StringComparison.Ordinal));
        Assert.Null(source.Read(Split.Train, 0).Classes);
        Assert.NotNull(source.Read(Split.Train, 1).Classes);
    }

    [Theory]
    [InlineData("mtl-data/1", "mtl-data/2", "/data.yaml:1:9: format 'mtl-data/2' is unknown")]
    [InlineData("decode:", "decoder:", "no setting 'decoder'; did you mean 'decode'?")]
    [InlineData("invalid: [0], ", "", "/data.yaml:7:11: depth lacks 'invalid'")]
    [InlineData("kind: u16", "kind: u32", "kind of depth 'u32' is unknown; it is one of u8, u16, npy, pfm")]
    [InlineData("kind: u16", "kind: u8", "/d/a/1.png: the manifest says a gray PNG of 8 bits; this one is Gray of 16")]
    [InlineData("unit: m,", "unit: feet,", "unit 'feet' is unknown")]
    [InlineData("[0.5, 80]", "[80, 0.5]", "range is [nearest, farthest]")]
    [InlineData("v / 256", "v / \\n256 +", "decode: expected")]
    [InlineData("map: labelIds, ", "", "label 33 at row 0, column 1 is out of range: the classes are 0 to 18")]
    [InlineData("map: labelIds", "map: { 7: 0, 33: 19 }", "a class is a whole number from 0 to 18")]
    [InlineData("map: labelIds", "map: { 7: 0 }", "label 33 at row 0, column 1 is out of range: the map lists no class for it")]
    [InlineData("cityscapes19", "[a, b, a]", "the class 'a' stands here twice")]
    [InlineData("cityscapes19", "[a, \"b\\nc\"]", "a class name is one line of text, without control characters")]
    [InlineData("img/{id}.png", "img/1.png", "must contain {id}")]
    [InlineData("train.txt", "tain.txt", "/tain.txt: no such file")]
    [InlineData("train.txt", "../train.txt", "may not contain '..'")]
    [InlineData("img/{id}", "/etc/{id}", "must be relative")]
    [InlineData("root: .", "root: nowhere", "/nowhere: no such folder")]
    [InlineData("root: .", "root: .\nroot: .", "the key 'root' stands here twice")]
    [InlineData("targets:", "target:", "no setting 'target'; did you mean 'targets'?")]
    public void Every_slip_has_its_message(string old, string now, string message) =>
        Assert.Contains(message, ErrorWith(old, now), StringComparison.Ordinal);

    [Fact]
    public void Lists_of_ids_are_checked()
    {
        folder.File("train.txt", "a/1\na/1\n");
        Assert.Contains("/train.txt: the id 'a/1' stands there twice", Error(() => Open()), StringComparison.Ordinal);
        folder.File("train.txt", " \n");
        Assert.Equal("/train.txt: an empty split: the list has no id", Error(() => Open()));
        folder.File("train.txt", "a/3");
        Assert.StartsWith("/img/a/3.png: no such file; ", Error(() => Open()), StringComparison.Ordinal);
        foreach (var id in (string[])["../../etc/passwd", "a/../../x", "a/\0"])
        {
            folder.File("train.txt", id);
            Assert.Contains("a path inside the data set", Error(() => Open()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Links_out_of_the_root_are_refused()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("symbolic links need a privilege on Windows");
        using var outside = new TemporaryFolder();
        var secret = outside.File("1.png", File.ReadAllBytes(Path.Combine(folder.Path, "lab/a/1.png")));
        File.Delete(Path.Combine(folder.Path, "lab/a/1.png"));
        File.CreateSymbolicLink(Path.Combine(folder.Path, "lab/a/1.png"), secret);
        Assert.Contains("leads out of the data root", Error(() => Open().Read(Split.Train, 0)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a\n- b")]
    [InlineData("just words")]
    [InlineData("a: &x [1]\nb: *x")]
    [InlineData("a: !!python/object:os.system {}")]
    [InlineData("a: {b: [}")]
    [InlineData("a: 1\n---\nb: 2")]
    [InlineData("? {a: b}\n: c")]
    [InlineData("\t:")]
    public void What_is_no_manifest_is_refused(string text) =>
        Assert.StartsWith("/data.yaml", Error(() => Open(text)), StringComparison.Ordinal);

    [Fact]
    public void Bombs_are_refused()
    {
        var laughs = "a: &a [x, x]\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"a{i}: &a{i} [*a, *a]\n"));
        Assert.Contains("no anchors", Error(() => Open(laughs)), StringComparison.Ordinal);
        Assert.Contains("deep", Error(() => Open("a: " + new string('[', 20_000))), StringComparison.Ordinal);
        Assert.Contains(
            "deep",
            Error(() => Open(string.Concat(Enumerable.Range(0, 1000).Select(i => new string(' ', i) + "a:\n")))),
            StringComparison.Ordinal
        );
        Assert.Contains("more than the", Error(() => Open(new string('#', 2 << 20))), StringComparison.Ordinal);
    }

    /// <summary>A number has one meaning: a class or no label.</summary>
    [Theory]
    [InlineData(
        "classes: cityscapes19, map: labelIds, ignore: 255",
        "classes: [road, car, sky], ignore: 0, map: { 0: 1, 1: 2, 2: 0 }",
        "label 0 is class 1 ('car') and ignored at once"
    )]
    [InlineData(
        "classes: cityscapes19, map: labelIds, ignore: 255",
        "classes: [road, car, sky], ignore: 0",
        "label 0 is class 0 ('road') and ignored at once"
    )]
    [InlineData(
        "classes: cityscapes19, map: labelIds, ignore: 255",
        "classes: [road, car, sky], ignore: [255, 2]",
        "label 2 is class 2 ('sky') and ignored at once"
    )]
    [InlineData("ignore: 255", "ignore: [255, 26]", "label 26 is class 13 ('car') and ignored at once")]
    [InlineData("map: labelIds", "map: { 7: 0, 07: 1 }", "label 7 stands in 'map' twice")]
    public void A_number_that_means_two_things_is_a_contradiction(string old, string now, string error)
    {
        Assert.Matches(@"^/data\.yaml:6:\d+: ", ErrorWith(old, now));
        Assert.Contains(error, ErrorWith(old, now), StringComparison.Ordinal);
    }

    [Fact]
    public void Instance_ids_are_no_label_ids()
    {
        folder.File("lab/a/1.png", HandMadePng.Encode(1, 4, 0, 16, [7, 8, 26001, 0]));
        Assert.Equal(
            "/lab/a/1.png: label 26001 at row 0, column 2 is out of range: Cityscapes' label ids are 0 to 33, and 255 for -1; "
                + "instance ids and train ids are other files",
            Error(() => Open().Read(Split.Train, 0))
        );
        // What the manifest itself calls no label is known.
        Assert.Equal(
            [0, 1, 255, 255],
            Open(Manifest.Replace("ignore: 255", "ignore: [255, 26001]", StringComparison.Ordinal)).Read(Split.Train, 0).Classes!
        );
    }
}
