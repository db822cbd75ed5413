using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Prediction;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Prediction;

public sealed class PredictorTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-predict").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Writes_every_task_at_the_size_of_the_picture()
    {
        var (program, source) = (TinyRun.Program(epochs: 10), new TinyRun.Blocks());
        var result = Trainer.Run(program, new(Path.Combine(root, "run"), "cpu") { Data = source, Pictures = false });
        var sample = source.Read(Split.Validation, 1);
        var pictures = Directory.CreateDirectory(Path.Combine(root, "pictures")).FullName;
        // 40 rows and 61 columns: no multiple of 32, nor even.
        var picture = new Picture(40, 61, [.. sample.Rgb.Chunk(64 * 3).SelectMany(row => row[..(61 * 3)])]);
        picture.SavePng(Path.Combine(pictures, "street.png"));
        picture.SaveJpeg(Path.Combine(pictures, "street.jpg"));
        File.WriteAllText(Path.Combine(pictures, "notes.txt"), "not a picture");
        var done = new List<(int, int)>();

        var files = Predictor.Run(
            program,
            RunDirectory.Open(result.Directory),
            [pictures],
            Path.Combine(root, "out"),
            new(Device: "cpu"),
            (_, n, of) => done.Add((n, of))
        );

        Assert.Equal([(1, 2), (2, 2)], done);
        string[] expected = ["contour.png", "depth.png", "depth_mm.png", "normals.png", "semseg.png", "semseg_overlay.png"];
        Assert.Equal(
            expected.Select(e => $"street-2_{e}").Concat(expected.Select(e => $"street_{e}")).Append("sheet.png").Order(),
            files.Select(f => Path.GetFileName(f)!).Order()
        );
        var labels = PngReader.Decode(File.ReadAllBytes(Path.Combine(root, "out", "street-2_semseg.png")), "labels");
        Assert.Equal((40, 61), (labels.Height, labels.Width));
        var right = labels
            .Bytes!.Select((k, p) => (k, p))
            .Count(x => x.p >= 61 && x.k == sample.Classes![x.p / 61 * 64 + x.p % 61]);
        Assert.True(right > 0.8 * 39 * 61, $"{right}");
        var depth = PngReader.Decode(File.ReadAllBytes(Path.Combine(root, "out", "street-2_depth_mm.png")), "depth");
        Assert.Equal((40, 61), (depth.Height, depth.Width));
    }

    [Fact]
    public void Hidden_files_are_no_pictures_and_a_picture_counts_once()
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "given")).FullName;
        foreach (var name in (string[])["0.png", "._0.png", ".1.jpg", ".DS_Store", "Thumbs.db", "desktop.ini"])
            File.WriteAllText(Path.Combine(folder, name), name);
        var picture = Path.Combine(folder, "0.png");
        Assert.Equal([(picture, "0")], InputPictures.Find([folder]));
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(root, "link.png"), picture);
        Assert.Equal(
            [(picture, "0")],
            InputPictures.Find([
                picture,
                Path.Combine(folder, ".", "0.png"),
                folder,
                .. OperatingSystem.IsWindows() ? Array.Empty<string>() : [Path.Combine(root, "link.png")],
            ])
        );
        Assert.Equal([(Path.Combine(folder, ".1.jpg"), ".1")], InputPictures.Find([Path.Combine(folder, ".1.jpg")])); // named, it is meant
    }

    [Fact]
    public void A_missing_picture_or_an_empty_folder_is_bad_data()
    {
        Assert.Contains(
            "no such picture",
            Assert.Throws<DataException>(() => InputPictures.Find([Path.Combine(root, "no.png")])).Message
        );
        Assert.Contains("no pictures", Assert.Throws<DataException>(() => InputPictures.Find([root])).Message);
    }

    [Fact]
    public void A_folder_without_a_run_is_named()
    {
        Assert.Contains(root, Assert.Throws<RunException>(() => RunDirectory.Open(root)).Message);
    }
}
