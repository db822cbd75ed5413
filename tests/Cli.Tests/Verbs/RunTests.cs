using System.Text.Json;

namespace Mtlc.Tests.Verbs;

/// <summary>The whole path as a user takes it: run, look, evaluate, predict.</summary>
public sealed class RunTests : IDisposable
{
    readonly Command command = new();

    public RunTests() => command.Write("tiny.mtl", Programs.Tiny);

    public void Dispose() => command.Dispose();

    [Fact]
    public void Run_then_eval_then_predict()
    {
        var run = command.Run("run", "tiny.mtl", "--out", "runs/first", "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Empty(run.Errors);
        Assert.Matches(@"(?m)^step 8/8  epoch 2/2  semseg [\d.]+  depth [\d.]+  [\d.]+ images/s", run.Output);
        Assert.Matches(@"(?m)^epoch 1/2 ", run.Output);
        Assert.Matches(@"mean IoU +↑ +[\d.]+ % +[\d.]+ %", run.Output);
        Assert.Matches(@"SI-logRMSE +↓ +[\d.]+ +[\d.]+", run.Output);
        Assert.Contains("run directory  ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output);
        Assert.True(File.Exists(Path.Combine(command.Folder, "runs", "first", "metrics.csv")));

        var eval = command.Run("eval", "runs/first", "--format", "json", "--device", "cpu", "--checkpoint", "last");
        Assert.True(eval.ExitCode == 0, eval.Errors);
        var iou = JsonDocument.Parse(eval.Output).RootElement.GetProperty("metrics").GetProperty("semseg/mean_iou");
        Assert.InRange(iou.GetProperty("value").GetDouble(), 0, 100);
        Assert.Equal("higher", iou.GetProperty("better").GetString());

        Assert.Equal(0, command.Run("data", "show", "tiny.mtl", "--out", "street.png", "--count", "1").ExitCode);
        var predict = command.Run("predict", "runs/first", "street.png", "--out", "results", "--device", "cpu");
        Assert.True(predict.ExitCode == 0, predict.Errors);
        var files = predict.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(command.Folder, file)), file));

        var again = command.Run("run", "tiny.mtl", "--out", "runs/first");
        Assert.Equal(74, again.ExitCode);
        Assert.StartsWith("error: ", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_with_wrong_weights_leaves_its_directory_to_the_corrected_one()
    {
        command.Write(
            "pretrained.mtl",
            Programs
                .Tiny.Replace("trunk: tiny", "trunk: resnet18 { weights: \"wrong.pth\" }", StringComparison.Ordinal)
                .Replace("at: 4", "at: 32", StringComparison.Ordinal)
        );
        command.Write("wrong.pth", "no weights");
        string[] arguments = ["run", "pretrained.mtl", "--out", "runs/a", "--device", "cpu", "--max-steps", "1"];
        var wrong = command.Run(arguments);
        Assert.True(wrong.ExitCode is 65 or 74, wrong.Errors);
        Assert.Contains("wrong.pth", wrong.Errors, StringComparison.Ordinal);

        var corrected = command.Run([.. arguments, "--set", "trunk.weights=none"]);
        Assert.True(corrected.ExitCode == 0, corrected.Errors);
    }

    [Fact]
    public void A_result_for_programs()
    {
        var run = command.Run(
            "run",
            "tiny.mtl",
            "--format",
            "json",
            "--max-steps",
            "3",
            "--device",
            "cpu",
            "--set",
            "train.batch=2"
        );
        Assert.True(run.ExitCode == 0, run.Errors);
        var json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("step_limit", json.GetProperty("outcome").GetString());
        Assert.Equal(3, json.GetProperty("steps").GetInt32());
        Assert.StartsWith(Path.Combine("runs", "tiny_net-"), json.GetProperty("directory").GetString(), StringComparison.Ordinal);
        Assert.True(json.GetProperty("metrics").GetProperty("depth/si_log_rmse").TryGetProperty("trivial", out _));
        Assert.Contains("step 3/3", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("[]", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_stops_where_nothing_is_lost_and_resume_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "signals");
        var stopped = command.Shell(
            """
            dotnet "$MTLC" run tiny.mtl --out r --device cpu --set train.epochs=1000 > log & pid=$!
            until grep -q '^step' log || ! kill -0 $pid; do sleep 0.1; done
            kill -TERM $pid; wait $pid; echo "exit $?"
            """
        );
        Assert.EndsWith("exit 75\n", stopped.Output, StringComparison.Ordinal);
        var log = File.ReadAllText(Path.Combine(command.Folder, "log"));
        Assert.Contains("'mtlc resume r' continues", log, StringComparison.Ordinal);
        var steps = int.Parse(
            System
                .Text.RegularExpressions.Regex.Match(log, @"Stopped on request after ([\d,]+) steps")
                .Groups[1]
                .Value.Replace(",", "", StringComparison.Ordinal),
            System.Globalization.CultureInfo.InvariantCulture
        );
        var resumed = command.Run("resume", "r", "--device", "cpu", "--format", "json", "--max-steps", $"{steps + 2}");
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Equal(steps + 2, JsonDocument.Parse(resumed.Output).RootElement.GetProperty("steps").GetInt32());
    }

    [Fact]
    public void Data_that_is_missing_ends_with_65()
    {
        var outcome = command.Run("run", "tiny.mtl", "--set", "data.source=miniscapes(\"nowhere\")", "--device", "cpu");
        Assert.Equal(65, outcome.ExitCode);
        Assert.Contains("nowhere", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_is_held_against_the_model_before_the_first_batch()
    {
        Assert.Equal(0, command.Run("data", "render", "--out", "scenes", "--scenes", "8", "--size", "64x128").ExitCode);
        command.Write(
            "scenes/data.yaml",
            """
            format: mtl-data/1
            root: train
            splits: { train: ids.txt, val: ids.txt }
            inputs: { rgb: { path: "rgb/{id}.jpg", kind: rgb8 } }
            targets:
              semseg: { path: "semseg/{id}.png", kind: index, classes: [road, rest], ignore: 255 }
            """
        );
        command.Write("scenes/train/ids.txt", "0\n1\n2\n3\n");
        var outcome = command.Run(
            "run",
            "tiny.mtl",
            "--set",
            "data.source=manifest(\"scenes/data.yaml\")",
            "--device",
            "cpu",
            "--out",
            "r"
        );
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(
            "error[MTL6001]: task 'semseg' has 19 classes, and manifest(\"scenes/data.yaml\") has 2",
            outcome.Errors,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "error[MTL6002]: task 'depth' needs depth, which manifest(\"scenes/data.yaml\") does not have",
            outcome.Errors,
            StringComparison.Ordinal
        );
        Assert.Contains("tiny.mtl:", outcome.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "r")));

        var check = command.Run("check", "tiny.mtl", "--set", "data.source=manifest(\"scenes/data.yaml\")");
        Assert.Equal((1, "", outcome.Errors), (check.ExitCode, check.Output, check.Errors));
        var json = command.Run("check", "tiny.mtl", "--set", "data.source=manifest(\"scenes/data.yaml\")", "--format", "json");
        Assert.Equal(
            ["MTL6001", "MTL6002"],
            JsonDocument.Parse(json.Errors).RootElement.EnumerateArray().Select(d => d.GetProperty("code").GetString()!)
        );
    }

    [Fact]
    public void Data_lie_beside_the_program_wherever_it_is_started_and_resumed()
    {
        command.Write(
            "nets/scenes.mtl",
            Programs.Tiny.Replace("synthetic { scenes: 16, size: 64x128 }", "miniscapes(\"scenes\")", StringComparison.Ordinal)
        );
        Assert.Equal(0, command.Run("data", "render", "--out", "nets/scenes", "--scenes", "8", "--size", "64x128").ExitCode);

        var check = command.Run("check", "nets/scenes.mtl");
        Assert.Contains("miniscapes(\"scenes\"): 8 train, 8 val, 8 test", check.Output, StringComparison.Ordinal);
        var run = command.Run("run", "nets/scenes.mtl", "--device", "cpu", "--out", "r", "--max-steps", "1");
        Assert.True(run.ExitCode == 0, run.Errors);
        var resumed = command.Shell(
            "mkdir -p elsewhere && cd elsewhere && dotnet \"$MTLC\" resume ../r --device cpu --max-steps 2"
        );
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Empty(resumed.Errors);
        // On the command line paths start where the command is typed.
        var eval = command.Shell(
            "cd nets && dotnet \"$MTLC\" eval ../r --device cpu --split test --set 'data.source=miniscapes(\"scenes\")'"
        );
        Assert.True(eval.ExitCode == 0, eval.Errors);
    }

    [Fact]
    public void Damaged_samples_are_skipped_counted_and_listed()
    {
        Assert.Equal(0, command.Run("data", "render", "--out", "scenes", "--scenes", "8", "--size", "64x128").ExitCode);
        foreach (var file in (string[])["train/semseg/3.png", "val/rgb/1.jpg"])
            File.WriteAllBytes(Path.Combine(command.Folder, "scenes", file), [1, 2, 3]);
        string[] run = ["run", "tiny.mtl", "--set", "data.source=miniscapes(\"scenes\")", "--device", "cpu", "--out", "r"];
        var failed = command.Run(run);
        Assert.Equal(65, failed.ExitCode);
        Assert.Contains("3.png", failed.Errors, StringComparison.Ordinal);

        var skipped = command.Run(
            "run",
            "tiny.mtl",
            "--set",
            "data.source=miniscapes(\"scenes\")",
            "--set",
            "data.corrupt=skip",
            "--device",
            "cpu",
            "--out",
            "s"
        );
        Assert.True(skipped.ExitCode == 0, skipped.Errors);
        Assert.Matches(
            @"(?m)^Samples skipped because they cannot be read: 2\.\n- .*train/semseg/3\.png: .*\n- .*val/rgb/1\.jpg: ",
            skipped.Output
        );
        Assert.Contains("Validation on 7 images", skipped.Output, StringComparison.Ordinal);
    }
}
