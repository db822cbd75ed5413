using System.IO.Compression;
using Mtlc.Runtime.Data.Images;

namespace Mtlc.Tests.Verbs;

/// <summary>Predictions of a split, as the course and the Cityscapes benchmark take them in.</summary>
public sealed class PredictTests : IDisposable
{
    static readonly byte[] LabelIds = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void A_split_without_labels_is_predicted_in_both_layouts_and_packed()
    {
        // 45 rows and 90 columns: no multiples of 32.
        Ok(command.Run("data", "render", "--out", "scenes", "--scenes", "8", "--size", "45x90"));
        foreach (var modality in (string[])["semseg", "depth"])
            Directory.Delete(Path.Combine(command.Folder, "scenes", "test", modality), recursive: true);
        command.Write("tiny.mtl", Programs.Tiny);
        Ok(
            command.Run(
                "run",
                "tiny.mtl",
                "--out",
                "r",
                "--device",
                "cpu",
                "--max-steps",
                "1",
                "--set",
                "data.source=miniscapes(\"scenes\")",
                "--set",
                "data.augment.crop=32"
            )
        );

        var mini = Ok(command.Run("predict", "r", "--split", "test", "--out", "mini", "--zip", "mini.zip", "--device", "cpu"));
        Assert.Equal("8 pictures of test, 16 files in mini\nmini.zip\n", mini);
        for (var i = 0; i < 8; i++)
        {
            var labels = PngReader.Read(Path.Combine(command.Folder, "mini", "semseg", $"{i}.png"));
            Assert.Equal((45, 90, PngColor.Palette), (labels.Height, labels.Width, labels.Color));
            Assert.All(labels.Bytes!, b => Assert.InRange(b, 0, 18));
            var depth = PngReader.Read(Path.Combine(command.Folder, "mini", "depth", $"{i}.png"));
            Assert.Equal((45, 90, PngColor.Gray, 8), (depth.Height, depth.Width, depth.Color, depth.BitDepth));
            Assert.All(depth.Bytes!, b => Assert.InRange(b, 1, 255));
        }
        using (var zip = ZipFile.OpenRead(Path.Combine(command.Folder, "mini.zip")))
            Assert.Equal(
                [
                    .. Enumerable.Range(0, 8).Select(i => $"depth/{i}.png"),
                    .. Enumerable.Range(0, 8).Select(i => $"semseg/{i}.png"),
                ],
                zip.Entries.Select(e => e.FullName)
            );

        // What lay in the folder before stays out of the archive, and the archive is the same again.
        command.Write("mini/notes.txt", "mine");
        Ok(
            command.Run(
                "predict",
                "r",
                "--split",
                "test",
                "--out",
                "mini",
                "--zip",
                "mini/again.zip",
                "--layout",
                "miniscapes",
                "--device",
                "cpu"
            )
        );
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(command.Folder, "mini.zip")),
            File.ReadAllBytes(Path.Combine(command.Folder, "mini", "again.zip"))
        );

        Ok(command.Run("predict", "r", "--split", "test", "--out", "city", "--layout", "cityscapes", "--device", "cpu"));
        Assert.Equal(8, Directory.GetFiles(Path.Combine(command.Folder, "city"), "*", SearchOption.AllDirectories).Length);
        var ids = PngReader.Read(Path.Combine(command.Folder, "city", "3_pred_labelIds.png"));
        var classes = PngReader.Read(Path.Combine(command.Folder, "mini", "semseg", "3.png"));
        Assert.Equal(classes.Bytes!.Select(c => LabelIds[c]), ids.Bytes!);
    }

    [Theory]
    [InlineData("'mtlc predict' needs IMAGE|DIR, or '--split'")]
    [InlineData("'--split' takes the run's own data, not 'a.png'", "--split", "test", "a.png")]
    [InlineData("'--zip' goes with '--split'", "--zip", "x.zip", "a.png")]
    [InlineData("'--input disparity': write NAME=DIR", "--input", "disparity", "a.png")]
    [InlineData("'--input a' is given twice", "--input", "a=b", "--input", "a=c", "a.png")]
    [InlineData("'--input' goes with pictures, not with '--split'", "--split", "test", "--input", "a=b")]
    [InlineData("'--layout' goes with '--split'", "--layout", "cityscapes", "a.png")]
    public void Pictures_and_splits_are_kept_apart(string message, params string[] arguments)
    {
        var outcome = command.Run(["predict", "r", "--out", "x", .. arguments]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {message}\n", outcome.Errors, StringComparison.Ordinal);
    }

    static string Ok(Mtlc.Tests.Infrastructure.Repository.Outcome outcome)
    {
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return outcome.Output;
    }
}
