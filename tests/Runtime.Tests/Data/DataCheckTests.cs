using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.MiniScapes;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;

namespace Mtlc.Tests.Runtime.Data;

public class DataCheckTests
{
    [Fact]
    public void Each_bad_sample_is_listed_with_its_reason()
    {
        var source = new MemorySource(6, 3)
        {
            Change = s =>
                s.Name switch
                {
                    "Train/1" => throw new DataException("1.jpg: truncated"),
                    "Train/3" => s with { Classes = [.. s.Classes![..^1], 19] },
                    "Train/4" => s with { Depth = Array.ConvertAll(s.Depth!, _ => float.NaN) },
                    "Validation/0" => s with { Depth = s.Depth![1..] },
                    "Validation/2" => s with { Classes = Array.ConvertAll(s.Classes!, _ => (byte)255) },
                    _ => s,
                },
        };
        var check = DataCheck.Run(source, workers: 3);
        Assert.Equal(9, check.Checked);
        Assert.Equal(
            [
                "Train/1: 1.jpg: truncated",
                "Train/3: label 19 at row 11, column 19 is out of range: the classes are 0 to 18",
                "Train/4: no valid depth",
                "Validation/0: picture and labels differ in size",
                "Validation/2: no labelled pixel",
            ],
            check.Bad.Select(b => $"{b.Name}: {b.Reason}")
        );
        Assert.Equal(3, DataCheck.Run(source, [Split.Validation]).Checked);
    }

    [Fact]
    public void A_damaged_file_on_disk_is_found()
    {
        using var folder = new TemporaryFolder();
        var root = Path.Combine(folder.Path, "m");
        MiniScapesWriter.Write(new MemorySource(4, 0), root);
        var path = Path.Combine(root, "train/depth/2.png");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..60]);
        var bad = Assert.Single(DataCheck.Run(new MiniScapesSource(root)).Bad);
        Assert.Equal((2, "train/2"), (bad.Index, bad.Name));
        Assert.Contains("2.png: truncated", bad.Reason, StringComparison.Ordinal);
    }
}
