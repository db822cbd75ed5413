using System.Text.Json;

namespace Mtlc.Tests.Verbs;

public sealed class DataTests : IDisposable
{
    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void Render_then_check_stats_and_show()
    {
        var render = command.Run("data", "render", "--out", "scenes", "--scenes", "8", "--size", "32x64", "--seed", "3");
        Assert.Equal((0, "24 scenes of 32x64 in scenes\n", ""), (render.ExitCode, render.Output, render.Errors));
        Assert.True(File.Exists(Path.Combine(command.Folder, "scenes", "train", "rgb", "7.jpg")));
        Assert.Equal(65, command.Run("data", "render", "--out", "scenes").ExitCode);

        var check = command.Run("data", "check", "scenes");
        Assert.Equal((0, "24 samples, all good\n", ""), (check.ExitCode, check.Output, check.Errors));

        var stats = command.Run("data", "stats", "scenes", "--format", "json");
        Assert.Equal(0, stats.ExitCode);
        Assert.Equal(8, JsonDocument.Parse(stats.Output).RootElement.GetProperty("samples").GetInt32());
        Assert.True(File.Exists(Path.Combine(command.Folder, "scenes", "statistics.json")));
        Assert.Contains("road", command.Run("data", "stats", "scenes").Output, StringComparison.Ordinal);

        Assert.Equal(0, command.Run("data", "show", "scenes", "--split", "val", "--count", "2", "--out", "sheet.png").ExitCode);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(Path.Combine(command.Folder, "sheet.png")).Take(4));

        command.Write("tiny.mtl", Programs.Tiny);
        var varied = command.Run("data", "show", "tiny.mtl", "--augment", "--count", "1", "--out", "varied.png");
        Assert.Equal(0, varied.ExitCode);
        Assert.NotEqual(
            command.Run("data", "show", "tiny.mtl", "--count", "1", "--out", "plain.png").Output[9..],
            varied.Output[10..]
        );
        Assert.Equal(2, command.Run("data", "show", "tiny.mtl", "--augment", "--split", "val", "--out", "sheet.png").ExitCode);
    }

    [Fact]
    public void A_damaged_sample_is_named_and_ends_with_65()
    {
        command.Run("data", "render", "--out", "scenes", "--scenes", "8", "--size", "32x64");
        File.WriteAllBytes(Path.Combine(command.Folder, "scenes", "val", "semseg", "3.png"), [1, 2, 3]);
        var text = command.Run("data", "check", "scenes");
        Assert.Equal(65, text.ExitCode);
        Assert.Contains("val/3: ", text.Output, StringComparison.Ordinal);
        Assert.EndsWith("24 samples, 1 bad\n", text.Output, StringComparison.Ordinal);
        var json = command.Run("data", "check", "scenes", "--format", "json");
        Assert.Equal(65, json.ExitCode);
        Assert.Equal("val/3", JsonDocument.Parse(json.Output).RootElement.GetProperty("bad")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void A_folder_in_no_known_layout_ends_with_65()
    {
        Directory.CreateDirectory(Path.Combine(command.Folder, "empty"));
        var outcome = command.Run("data", "check", "empty");
        Assert.Equal((65, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("empty: not in the MiniScapes layout", outcome.Errors, StringComparison.Ordinal);
    }
}
