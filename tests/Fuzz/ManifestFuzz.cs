using System.Globalization;
using CsCheck;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Runtime.Data.Images;

namespace Mtlc.Fuzz;

/// <summary>Garbled manifests are read, or refused with a message.</summary>
public sealed class ManifestFuzz : IDisposable
{
    const string Manifest = """
        format: mtl-data/1
        root: .
        camera: "cam.json#{id}"
        splits:  { train: train.txt, val: val.txt }            # one id a line
        inputs:  { rgb:    { path: "{id}.png", kind: rgb8 } }
        targets:
          semseg: { path: "{id}-l.png", kind: index, classes: [a, b, c], map: { 7: 0, 33: 1 }, ignore: [255, 5], optional: true }
          depth:  { path: "{id}-d.png", kind: u16, decode: "baseline * fx / ((v - 1) / 256)", invalid: [0], unit: m, range: [0.5, 80] }
        """;

    static readonly string[] Words =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "'",
        "&a",
        "*a",
        "!",
        "!!int",
        "|",
        ">",
        "%",
        "@",
        "`",
        "#",
        "-",
        "?",
        " ",
        "\t",
        "\n",
        "\0",
        "a",
        "Ä",
        "\uD800",
        "\uFEFF",
        "1e400",
        "-1",
        "99999999999999999999",
        "NaN",
        "../",
        "/etc/passwd",
        "{id}",
        "v",
        "fx",
        "baseline",
        "(",
        ")",
        "* 0",
        "0x10",
        "true",
        "---",
        "...",
        "<<: *a",
    ];

    static readonly Gen<string> Garbled =
        from edits in Gen.Select(
            Gen.Int[0, 3],
            Gen.Double[0, 1],
            Gen.Int[0, 20],
            Gen.Int[0, Words.Length - 1].Select(i => Words[i])
        ).Array[1, 5]
        select edits.Aggregate(Manifest, (text, e) => Edit(text, e.Item1, (int)(e.Item2 * text.Length), e.Item3, e.Item4));

    readonly string folder = Directory.CreateTempSubdirectory("mtlc-fuzz-").FullName;

    public ManifestFuzz()
    {
        Write("train.txt", "a"u8.ToArray());
        Write("val.txt", "a"u8.ToArray());
        Write("a.png", HandMadePng.Encode(1, 4, 2, 8, [.. Enumerable.Range(0, 12)]));
        Write("a-l.png", HandMadePng.Encode(1, 4, 0, 8, [7, 33, 255, 5]));
        Write("a-d.png", HandMadePng.Encode(1, 4, 0, 16, [0, 640, 100, 65535]));
        Write("cam.json#a", """{"extrinsic":{"baseline":0.2},"intrinsic":{"fx":1000,"fy":1001,"u0":2,"v0":3}}"""u8.ToArray());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Write(string name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(folder, name), content);
        return Path.Combine(folder, name);
    }

    static string Edit(string text, int edit, int at, int length, string word)
    {
        var end = Math.Min(text.Length, at + length);
        return edit switch
        {
            0 => text.Remove(at, end - at),
            1 => text.Insert(at, word),
            2 => text.Insert(at, text[at..end]),
            _ => text.Remove(at, Math.Min(1, text.Length - at)).Insert(at, word),
        };
    }

    [Fact]
    public void Manifests()
    {
        var (read, refused) = (0, 0);
        Open(Manifest).Read(Split.Train, 0);
        Fuzzing.Run(
            "manifest",
            Garbled,
            2000,
            text =>
            {
                try
                {
                    var source = Open(text);
                    if (source.Count(Split.Train) > 0)
                        source.Read(Split.Train, 0);
                    Interlocked.Increment(ref read);
                }
                catch (DataException)
                {
                    Interlocked.Increment(ref refused);
                }
            },
            text => text
        );
        Assert.True(read > 0 && refused > 0, $"{read} were read and {refused} refused");

        ManifestSource Open(string text) =>
            new(
                Write(
                    string.Create(CultureInfo.InvariantCulture, $"data-{Environment.CurrentManagedThreadId}.yaml"),
                    System.Text.Encoding.UTF8.GetBytes(text)
                )
            );
    }

    [Fact]
    public void Cameras() =>
        Fuzzing.Run(
            "camera",
            Garbling.Of(File.ReadAllBytes(Path.Combine(folder, "cam.json#a"))),
            2000,
            bytes =>
            {
                try
                {
                    Runtime.Data.Cityscapes.CityscapesCamera.Read(
                        Write(string.Create(CultureInfo.InvariantCulture, $"{Environment.CurrentManagedThreadId}.json"), bytes)
                    );
                }
                catch (DataException) { }
            },
            Convert.ToBase64String
        );
}
