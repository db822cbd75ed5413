using System.IO.Compression;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data;

public class PredictionWriterTests
{
    [Fact]
    public void Mini_scapes_predictions_are_palette_labels_and_disparity_codes()
    {
        using var folder = new TemporaryFolder();
        PredictionWriter.WriteMiniScapes(folder.Path, 17, 1, 3, [0, 18, 10], [4, 300, 10]);
        var labels = PngReader.Read(Path.Combine(folder.Path, "semseg/17.png"));
        Assert.Equal((PngColor.Palette, 8), (labels.Color, labels.BitDepth));
        Assert.Equal([0, 18, 10], labels.Bytes!);
        Assert.Equal([128, 64, 128], labels.Palette![..3]);
        Assert.Equal([255, 1, 100], PngReader.Read(Path.Combine(folder.Path, "depth/17.png")).Bytes!);
    }

    [Fact]
    public void Millimetres_are_rounded_and_clamped()
    {
        var png = PngReader.Decode(
            PredictionWriter.Depth(1, 5, [1.2344f, 100, float.NaN, 1e-5f, 65.5354f], DepthPng.Standard, out var beyond),
            "mm"
        );
        Assert.Equal(1, beyond); // 65.5354 m is 65535 mm
        var coarse = PngReader.Decode(
            PredictionWriter.Depth(1, 4, [1.2344f, 100, 655.36f, float.PositiveInfinity], DepthPng.All[1], out beyond),
            "cm"
        );
        Assert.Equal([123, 10000, 65535, 0], coarse.Words!);
        Assert.Equal(1, beyond);
        Assert.Equal([1234, 65535, 0, 1, 65535], png.Words!);
    }

    [Fact]
    public void The_archive_depends_on_the_files_alone()
    {
        using var folder = new TemporaryFolder();
        byte[] Packed(string[] order)
        {
            using var files = new TemporaryFolder();
            foreach (var name in order)
                files.File(name, name);
            var archive = Path.Combine(folder.Path, "out", "submission.zip");
            PredictionWriter.Pack(files.Path, archive);
            return File.ReadAllBytes(archive);
        }
        var packed = Packed(["semseg/1.png", "semseg/0.png", "depth/ä 0.png"]);
        Assert.Equal(packed, Packed(["depth/ä 0.png", "semseg/0.png", "semseg/1.png"]));
        using var zip = new ZipArchive(new MemoryStream(packed));
        Assert.Equal(["depth/ä 0.png", "semseg/0.png", "semseg/1.png"], zip.Entries.Select(e => e.FullName));
        Assert.Equal("semseg/0.png", new StreamReader(zip.Entries[1].Open()).ReadToEnd());
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "out")));
        Assert.Throws<DataException>(() => PredictionWriter.Pack(Path.Combine(folder.Path, "nothing"), "x.zip"));
    }

    [Fact]
    public void A_sheet_of_samples_has_a_row_each()
    {
        var sheet = DataSheet.Compose(new MemorySource(10, 0, 30, 60), Split.Train, 4);
        Assert.Equal((6 + 22 + 4 * (16 + 30 + 6), 6 + 3 * 66), (sheet.Height, sheet.Width));
        Assert.Equal(6 + 3 * 26, DataSheet.Compose(new MemorySource(2, 0, 30, 60), Split.Train, width: 20).Width);
        Assert.Throws<DataException>(() => DataSheet.Compose(new MemorySource(1, 0), Split.Test));
    }
}
