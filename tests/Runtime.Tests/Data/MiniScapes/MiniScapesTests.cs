using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Tests.Runtime.Data.Images;

namespace Mtlc.Tests.Runtime.Data.MiniScapes;

public sealed class MiniScapesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Root => Path.Combine(folder.Path, "mini");

    static byte[] Jpeg(int height, int width) => Picture.Filled(height, width, (90, 120, 30)).ToJpeg();

    /// <summary>A data set of one picture, 2 x 3, with labels and depth as given.</summary>
    Sample One(byte[]? semseg, byte[]? depth = null)
    {
        folder.File("mini/train/rgb/0.jpg", Jpeg(2, 3));
        if (semseg is not null)
            folder.File("mini/train/semseg/0.png", semseg);
        if (depth is not null)
            folder.File("mini/train/depth/0.png", depth);
        return new MiniScapesSource(Root).Read(Split.Train, 0);
    }

    string ErrorOf(Action action)
    {
        var message = Assert.Throws<DataException>(action).Message;
        return message.Replace('\\', '/').Replace(folder.Path.Replace('\\', '/'), "", StringComparison.Ordinal);
    }

    [Fact]
    public void Disparity_is_the_inverse_of_depth()
    {
        var sample = One(null, HandMadePng.Encode(2, 3, 0, 8, [0, 1, 2, 128, 254, 255]));
        var source = new MiniScapesSource(Root);

        var disparity = source.ReadMap("disparity", Split.Train, 0, source.ReadPicture(Split.Train, 0));

        Assert.Equal([new("disparity", 1) { IsDepth = true }], source.Contract.Maps);
        Assert.True(float.IsNaN(disparity[0]));
        Assert.Equal(1 / 300.0, disparity[1], 1e-7);
        Assert.Equal(1 / 4.0, disparity[5], 1e-7);
        Assert.Equal(sample.Depth!.Select(m => 1 / m), disparity);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var source = new MemorySource(5, 3, 16, 24);
        var reported = new List<int>();
        MiniScapesWriter.Write(source, Root, new Listed(reported), workers: 3);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], reported.Order());
        var read = new MiniScapesSource(Root);
        Assert.Equal((5, 3, 0), (read.Count(Split.Train), read.Count(Split.Validation), read.Count(Split.Test)));
        Assert.Equal((19, 255, true), (read.Contract.ClassNames.Length, read.Contract.Ignore, read.Contract.HasDepth));
        Assert.Equal((27.0727, 29.1264), (read.Contract.Depth!.Mean, read.Contract.Depth.Deviation));
        foreach (var (split, count) in ((Split, int)[])[(Split.Train, 5), (Split.Validation, 3)])
            for (var i = 0; i < count; i++)
            {
                var (was, now) = (source.Read(split, i), read.Read(split, i));
                Assert.Equal((16, 24), (now.Height, now.Width));
                Assert.Equal(was.Classes, now.Classes);
                for (var p = 0; p < was.Rgb.Length; p++)
                    Assert.InRange(now.Rgb[p], was.Rgb[p] - 24, was.Rgb[p] + 24);
                for (var p = 0; p < was.Depth!.Length; p++)
                {
                    Assert.Equal(float.IsNaN(was.Depth[p]), float.IsNaN(now.Depth![p]));
                    if (float.IsNaN(was.Depth[p]))
                        continue;
                    // Truncation moves inverse depth down by less than one step; the code ends at 4 and 300 m.
                    var step = 1 / Math.Clamp(was.Depth[p], 4, 300) - 1 / now.Depth[p];
                    Assert.InRange(step, -1e-6, (1 / 4.0 - 1 / 300.0) / 254 + 1e-6);
                }
            }
        var labels = PngReader.Read(Path.Combine(Root, "train/semseg/0.png"));
        Assert.Equal((PngColor.Palette, 128, 64, 128), (labels.Color, labels.Palette![0], labels.Palette[1], labels.Palette[2]));
    }

    sealed class Listed(List<int> values) : IProgress<int>
    {
        public void Report(int value)
        {
            lock (values)
                values.Add(value);
        }
    }

    [Fact]
    public void A_folder_with_something_in_it_is_never_written_to()
    {
        folder.File("mini/precious.txt", "x");
        Assert.Contains(
            "exists already",
            ErrorOf(() => MiniScapesWriter.Write(new MemorySource(1, 0), Root)),
            StringComparison.Ordinal
        );
        Assert.Equal(["precious.txt"], Directory.GetFileSystemEntries(Root).Select(p => Path.GetFileName(p)));
        File.Delete(Path.Combine(Root, "precious.txt"));
        MiniScapesWriter.Write(new MemorySource(1, 0), Root);
        Assert.Equal(1, new MiniScapesSource(Root).Count(Split.Train));
    }

    [Fact]
    public void A_failed_write_leaves_nothing_behind()
    {
        var source = new MemorySource(4, 0) { Change = s => s.Name.EndsWith('2') ? throw new DataException("bad scene") : s };
        Assert.Equal("bad scene", Assert.Throws<DataException>(() => MiniScapesWriter.Write(source, Root)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Missing_labels_leave_their_modality_out()
    {
        MiniScapesWriter.Write(
            new MemorySource(2, 0) { Change = s => s.Name.EndsWith('1') ? s with { Classes = null, Depth = null } : s },
            Root
        );
        var read = new MiniScapesSource(Root);
        Assert.True(read.Read(Split.Train, 0) is { Classes: not null, Depth: not null });
        Assert.True(read.Read(Split.Train, 1) is { Classes: null, Depth: null });
        Directory.Delete(Path.Combine(Root, "train/depth"), true);
        Assert.False(new MiniScapesSource(Root).Contract.HasDepth);
    }

    [
        Theory,
        InlineData(0, 1),
        InlineData(0, 2),
        InlineData(0, 4),
        InlineData(0, 8),
        InlineData(3, 1),
        InlineData(3, 2),
        InlineData(3, 4)
    ]
    [InlineData(3, 8)]
    public void Labels_of_every_depth_are_class_indices(int color, int depth)
    {
        var labels = Enumerable.Range(0, 6).Select(i => Math.Min(i, (1 << depth) - 1)).ToArray();
        foreach (var interlaced in (bool[])[false, true])
            Assert.Equal(
                labels.Select(i => (byte)i),
                One(HandMadePng.Encode(2, 3, color, depth, labels, interlaced, color == 3 ? new byte[3 << depth] : null)).Classes
            );
    }

    [Fact]
    public void Leftovers_of_file_managers_are_no_samples()
    {
        One(HandMadePng.Encode(2, 3, 0, 8, new int[6]));
        foreach (var name in (string[])["._0.jpg", ".DS_Store", "Thumbs.db", "desktop.ini"])
            folder.File($"mini/train/rgb/{name}", "x");
        Assert.Equal(1, new MiniScapesSource(Root).Count(Split.Train));
    }

    [Fact]
    public void Every_file_that_breaks_a_rule_is_named()
    {
        byte[] Gray(int height, int width, int value, int depth = 8) =>
            HandMadePng.Encode(height, width, 0, depth, Enumerable.Repeat(value, height * width).ToArray());
        Assert.Equal(
            "/mini/train/semseg/0.png: label 19 at row 0, column 0 is out of range: the classes are 0 to 18",
            ErrorOf(() => One(Gray(2, 3, 19)))
        );
        Assert.Equal(
            "/mini/train/semseg/0.png: 3x2 pixels, but its picture has 2x3 (height x width)",
            ErrorOf(() => One(Gray(3, 2, 1)))
        );
        Assert.Contains(
            "semseg/0.png: labels must be",
            ErrorOf(() => One(HandMadePng.Encode(2, 3, 2, 8, new int[18]))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "depth/0.png: depth must be a gray PNG",
            ErrorOf(() => One(Gray(2, 3, 255), Gray(2, 3, 9, 16))),
            StringComparison.Ordinal
        );
        Assert.Contains("depth/0.png: 1x3", ErrorOf(() => One(Gray(2, 3, 255), Gray(1, 3, 9))), StringComparison.Ordinal);
        Assert.Contains(
            "depth/0.png: truncated",
            ErrorOf(() => One(Gray(2, 3, 255), Gray(2, 3, 9)[..^7])),
            StringComparison.Ordinal
        );
        folder.File("mini/train/rgb/0.jpg", Jpeg(2, 3)[..^20]);
        Assert.Contains(
            "rgb/0.jpg: truncated",
            ErrorOf(() => new MiniScapesSource(Root).Read(Split.Train, 0)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Folders_that_are_no_such_data_set_are_refused()
    {
        Assert.Equal("/mini: no such folder", ErrorOf(() => new MiniScapesSource(Root)));
        Directory.CreateDirectory(Root);
        Assert.Contains(
            "none of the folders train, val and test",
            ErrorOf(() => new MiniScapesSource(Root)),
            StringComparison.Ordinal
        );
        Directory.CreateDirectory(Path.Combine(Root, "val", "rgb"));
        Assert.StartsWith("/mini/val: an empty split", ErrorOf(() => new MiniScapesSource(Root)), StringComparison.Ordinal);
        foreach (var i in (int[])[0, 1, 3])
            folder.File($"mini/val/rgb/{i}.jpg", "x");
        Assert.StartsWith(
            "/mini/val/rgb/2.jpg: missing: there are pictures up to 3.jpg",
            ErrorOf(() => new MiniScapesSource(Root)),
            StringComparison.Ordinal
        );
        folder.File("mini/val/rgb/2.jpg", "x");
        folder.File("mini/val/rgb/.DS_Store", "x");
        Assert.Equal(4, new MiniScapesSource(Root).Count(Split.Validation));
        folder.File("mini/val/rgb/04.jpg", "x");
        Assert.Contains("04.jpg: pictures are called 0.jpg", ErrorOf(() => new MiniScapesSource(Root)), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_may_stay_inside_the_root_but_not_leave_it()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("symbolic links need a privilege on Windows");
        MiniScapesWriter.Write(new MemorySource(2, 0), Root);
        File.Delete(Path.Combine(Root, "train/semseg/1.png"));
        File.CreateSymbolicLink(Path.Combine(Root, "train/semseg/1.png"), "0.png");
        var outside = folder.File("outside.png", File.ReadAllBytes(Path.Combine(Root, "train/depth/0.png")));
        File.Delete(Path.Combine(Root, "train/depth/1.png"));
        File.CreateSymbolicLink(Path.Combine(Root, "train/depth/1.png"), outside);
        Assert.Contains(
            "train/depth/1.png: a symbolic link leads out",
            ErrorOf(() => new MiniScapesSource(Root).Read(Split.Train, 1)),
            StringComparison.Ordinal
        );
        File.Delete(Path.Combine(Root, "train/depth/1.png"));
        Assert.NotNull(new MiniScapesSource(Root).Read(Split.Train, 1).Classes);

        var link = Path.Combine(folder.Path, "link");
        Directory.CreateSymbolicLink(link, Root);
        Assert.NotNull(new MiniScapesSource(link).Read(Split.Train, 0).Depth);
        Directory.Move(Path.Combine(Root, "train/depth"), Path.Combine(folder.Path, "depth"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "train/depth"), Path.Combine(folder.Path, "depth"));
        Assert.Contains("leads out", ErrorOf(() => new MiniScapesSource(Root).Read(Split.Train, 0)), StringComparison.Ordinal);
    }
}
