using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Runtime.Data.Images;

namespace Mtlc.Tests.Runtime.Data.Cityscapes;

public sealed class CityscapesTests : IDisposable
{
    const string Camera = """
        { "extrinsic": { "baseline": 0.209313, "pitch": 0.038, "x": 1.7 },
          "intrinsic": { "fx": 2262.52, "fy": 2265.3017905988554, "u0": 1096.98, "v0": 513.137 } }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    void Add(
        string split,
        string id,
        int height = 2,
        int width = 3,
        int[]? ids = null,
        int[]? disparity = null,
        string camera = Camera
    )
    {
        var city = id[..^14];
        var pixels = Enumerable.Range(0, height * width).ToArray();
        folder.File(
            $"leftImg8bit/{split}/{city}/{id}_leftImg8bit.png",
            HandMadePng.Encode(height, width, 2, 8, pixels.SelectMany(p => (int[])[p, 2 * p, 3 * p]).ToArray())
        );
        folder.File($"gtFine/{split}/{city}/{id}_gtFine_labelIds.png", HandMadePng.Encode(height, width, 0, 8, ids ?? pixels));
        folder.File(
            $"disparity/{split}/{city}/{id}_disparity.png",
            HandMadePng.Encode(height, width, 0, 16, disparity ?? pixels)
        );
        folder.File($"camera/{split}/{city}/{id}_camera.json", camera);
    }

    CityscapesSource Open() => new(folder.Path);

    string Error(Action action) =>
        Assert
            .Throws<DataException>(action)
            .Message.Replace('\\', '/')
            .Replace(folder.Path.Replace('\\', '/'), "", StringComparison.Ordinal);

    [Fact]
    public void Disparity_is_in_pixels_and_needs_no_camera()
    {
        Add("val", "ulm_000001_000019", disparity: [0, 1, 2, 257, 25601, 65535], camera: "none");
        var source = Open();

        var disparity = source.ReadMap("disparity", Split.Validation, 0, source.ReadPicture(Split.Validation, 0));

        Assert.Equal([float.NaN, 0, 1 / 256f, 1, 100, 65534 / 256f], disparity);
    }

    [Fact]
    public void Pictures_labels_and_depth_follow_the_rules()
    {
        Add("train", "ulm_000001_000019", ids: [7, 8, 33, 0, 30, 255], disparity: [0, 1, 2, 257, 25601, 65535]);
        var source = Open();
        var sample = source.Read(Split.Train, 0);
        Assert.Equal("train/ulm_000001_000019", sample.Name);
        Assert.Equal([0, 0, 0, 1, 2, 3], sample.Rgb[..6]);
        Assert.Equal([0, 1, 18, 255, 255, 255], sample.Classes!);
        var top = 0.209313 * 2262.52;
        Assert.True(float.IsNaN(sample.Depth![0]) && float.IsNaN(sample.Depth[1]));
        Assert.Equal(top * 256, sample.Depth[2], 0.02);
        Assert.Equal(top, sample.Depth[3], 1e-4);
        Assert.Equal(4.7357485, sample.Depth[4], 1e-6);
        Assert.Equal(new Camera(2262.52, 2265.3017905988554, 1096.98, 513.137), sample.Camera);
        Assert.Equal(new ImageSize(2, 3), source.Contract.FixedSize);
        Assert.Equal("bicycle", source.Contract.ClassNames[18]);
    }

    /// <summary>The table of the data set's `labels.py`: id to train id.</summary>
    [Fact]
    public void All_34_label_ids_become_train_ids()
    {
        Add("val", "ulm_000001_000019", 1, 34);
        Assert.Equal(
            [
                255,
                255,
                255,
                255,
                255,
                255,
                255,
                0,
                1,
                255,
                255,
                2,
                3,
                4,
                255,
                255,
                255,
                5,
                255,
                6,
                7,
                8,
                9,
                10,
                11,
                12,
                13,
                14,
                15,
                255,
                255,
                16,
                17,
                18,
            ],
            Open().Read(Split.Validation, 0).Classes!
        );
    }

    /// <summary>`gtFine_instanceIds` under the name of `gtFine_labelIds`: its cars are 26000 and on, its one lone pedestrian
    /// 24.</summary>
    [Fact]
    public void What_the_table_of_label_ids_does_not_have_is_an_error_and_no_missing_label()
    {
        Add("val", "ulm_000001_000019", ids: [7, 24, 26, 34, 7, 7]);
        Assert.Contains(
            "_gtFine_labelIds.png: label 34 at row 1, column 0 is out of range: Cityscapes' label ids are 0 to 33",
            Error(() => Open().Read(Split.Validation, 0)),
            StringComparison.Ordinal
        );
        folder.File(
            "gtFine/val/ulm/ulm_000001_000019_gtFine_labelIds.png",
            HandMadePng.Encode(2, 3, 0, 16, [7, 24, 8, 11, 26001, 7])
        );
        Assert.Contains(
            "label 26001 at row 1, column 1",
            Error(() => Open().Read(Split.Validation, 0)),
            StringComparison.Ordinal
        );
        Assert.Contains("label 26001", Assert.Single(DataCheck.Run(Open()).Bad).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_camera_file_may_begin_with_a_byte_order_mark()
    {
        Add("train", "ulm_000001_000019", camera: "\uFEFF" + Camera);
        Assert.Equal(2262.52, Open().Read(Split.Train, 0).Camera!.FocalX);
    }

    [Fact]
    public void Pictures_are_listed_by_city_and_number()
    {
        foreach (var id in (string[])["ulm_000002_000019", "bad-honnef_000000_000100", "ulm_000001_000019"])
            Add("train", id);
        Add("test", "berlin_000000_000019");
        var source = Open();
        Assert.Equal(
            ["train/bad-honnef_000000_000100", "train/ulm_000001_000019", "train/ulm_000002_000019"],
            Enumerable.Range(0, 3).Select(i => source.Name(Split.Train, i))
        );
        Assert.Equal((3, 0, 1), (source.Count(Split.Train), source.Count(Split.Validation), source.Count(Split.Test)));
    }

    [Fact]
    public void Dummy_labels_of_the_test_split_are_never_scored()
    {
        Add("val", "ulm_000001_000019");
        Add("test", "berlin_000000_000019");
        var source = Open();
        Assert.Null(source.Read(Split.Test, 0).Classes);
        source.RequireLabels(Split.Validation);
        Assert.StartsWith(
            "/gtFine/test: the labels of Cityscapes' test split are dummies",
            Error(() => source.RequireLabels(Split.Test)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_not_downloaded_is_left_out()
    {
        Add("train", "ulm_000001_000019");
        Directory.Delete(Path.Combine(folder.Path, "disparity"), true);
        Assert.Null(Open().Read(Split.Train, 0).Depth);
        Assert.False(Open().Contract.HasDepth);
        Directory.Delete(Path.Combine(folder.Path, "gtFine"), true);
        Assert.Empty(Open().Contract.ClassNames);
    }

    [Fact]
    public void Every_file_that_breaks_a_rule_is_named()
    {
        const string id = "ulm_000001_000019";
        Assert.StartsWith(": not in the Cityscapes layout", Error(() => Open()), StringComparison.Ordinal);
        Add("train", id);
        File.Delete(Path.Combine(folder.Path, $"gtFine/train/ulm/{id}_gtFine_labelIds.png"));
        Assert.Equal($"/gtFine/train/ulm/{id}_gtFine_labelIds.png: no such file", Error(() => Open().Read(Split.Train, 0)));
        Add("train", id, camera: "{ \"extrinsic\": { \"baseline\": \"0.2\" } }");
        Assert.Equal(
            $"/camera/train/ulm/{id}_camera.json: no number extrinsic.baseline",
            Error(() => Open().Read(Split.Train, 0))
        );
        Add("train", id, camera: Camera[..40]);
        Assert.Contains("_camera.json: not JSON", Error(() => Open().Read(Split.Train, 0)), StringComparison.Ordinal);
        Add("train", id);
        folder.File($"disparity/train/ulm/{id}_disparity.png", HandMadePng.Encode(2, 3, 0, 8, new int[6]));
        Assert.Contains(
            "_disparity.png: disparity must be a gray PNG of 16 bits",
            Error(() => Open().Read(Split.Train, 0)),
            StringComparison.Ordinal
        );
        Add("train", "ulm_000002_000019", 3, 3);
        Assert.Contains(
            "3x3 pixels, but the first picture of the data set has 2x3",
            Error(() => Open().Read(Split.Train, 1)),
            StringComparison.Ordinal
        );
        folder.File("leftImg8bit/train/ulm/bochum_000001_000019_leftImg8bit.png", "x");
        Assert.Contains(
            "bochum_000001_000019_leftImg8bit.png: pictures here are called ulm_",
            Error(() => Open()),
            StringComparison.Ordinal
        );
        Directory.Delete(Path.Combine(folder.Path, "camera"), true);
        File.Delete(Path.Combine(folder.Path, "leftImg8bit/train/ulm/bochum_000001_000019_leftImg8bit.png"));
        Assert.StartsWith("/camera: no such folder", Error(() => Open()), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(folder.Path, "leftImg8bit/val/frankfurt"));
        Assert.StartsWith("/leftImg8bit/val: an empty split", Error(() => Open()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_customary_variable_names_the_root()
    {
        Add("train", "ulm_000001_000019");
        var before = Environment.GetEnvironmentVariable(CityscapesSource.RootVariable);
        try
        {
            Environment.SetEnvironmentVariable(CityscapesSource.RootVariable, folder.Path);
            Assert.Equal(1, new CityscapesSource().Count(Split.Train));
            Environment.SetEnvironmentVariable(CityscapesSource.RootVariable, null);
            Assert.Contains("CITYSCAPES_DATASET", Error(() => new CityscapesSource()), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CityscapesSource.RootVariable, before);
        }
    }

    [Fact]
    public void Stored_statistics_become_part_of_the_contract()
    {
        Add("train", "ulm_000001_000019");
        Assert.Null(Open().Contract.Depth);
        var statistics = DataStatistics.Compute(Open());
        statistics.Save(DataStatistics.DefaultPath(folder.Path));
        Assert.Equal(statistics.Depth!.Metres.Mean, Open().Contract.Depth!.Mean);
    }

    [Fact]
    public void Predictions_are_written_as_label_ids()
    {
        PredictionWriter.WriteCityscapes(
            folder.Path,
            "berlin_000000_000019",
            1,
            20,
            [.. Enumerable.Range(0, 19).Select(i => (byte)i), 255]
        );
        var written = PngReader.Read(Path.Combine(folder.Path, "berlin_000000_000019_pred_labelIds.png"));
        Assert.Equal(PngColor.Gray, written.Color);
        Assert.Equal([7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33, 0], written.Bytes!);
    }
}
