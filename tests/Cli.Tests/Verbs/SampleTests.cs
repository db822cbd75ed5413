using System.Text.Json;
using Mtlc.Runtime.Data.Images;
using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.Verbs;

/// <summary>What a program and the samples of its data make together: found before training, and scored whole.</summary>
public sealed class SampleTests : IDisposable
{
    const string Data = "data.source=manifest(\"scenes/data.yaml\")";

    readonly Command command = new();

    public SampleTests()
    {
        // 45 rows and 90 columns: no multiples of 32, nor of the network's 8.
        Assert.Equal(0, command.Run("data", "render", "--out", "scenes", "--scenes", "8", "--size", "45x90").ExitCode);
        command.Write(
            "scenes/data.yaml",
            """
            format: mtl-data/1
            root: .
            splits: { train: train.txt, val: val.txt }
            inputs: { rgb: { path: "{id}.jpg", kind: rgb8 } }
            targets:
              semseg: { path: "{id}.png", kind: index, classes: cityscapes19, ignore: 255, optional: true }
              depth: { path: "{id}_depth.png", kind: u8, decode: "v", invalid: [0], unit: m, optional: true }
            """.Replace("\r\n", "\n", StringComparison.Ordinal)
        );
        foreach (var (split, folder) in new[] { ("a", "train"), ("b", "val") })
        {
            for (var i = 0; i < 6; i++)
            {
                foreach (
                    var (modality, name) in new[]
                    {
                        ("rgb", $"{split}{i}.jpg"),
                        ("semseg", $"{split}{i}.png"),
                        ("depth", $"{split}{i}_depth.png"),
                    }
                )
                    File.Copy(Scene($"{folder}/{modality}/{i}{Path.GetExtension(name)}"), Scene(name));
            }
        }
        command.Write("scenes/train.txt", "a0\na1\na2\na3\na4\na5\n");
        command.Write("scenes/val.txt", "b0\nb1\nb2\n");
        command.Write("tiny.mtl", Programs.Tiny.Replace("crop: 64", "crop: 32", StringComparison.Ordinal));
    }

    public void Dispose() => command.Dispose();

    string Scene(string name) => Path.Combine(command.Folder, "scenes", name);

    Repository.Outcome Check(params string[] sets) =>
        command.Run([
            "check",
            "tiny.mtl",
            .. new[] { Data, "train.batch=2" }.Concat(sets).SelectMany(s => (string[])["--set", s]),
        ]);

    [Fact]
    public void A_step_that_the_data_do_not_fill_is_an_error_before_training()
    {
        Assert.Equal((0, ""), (Check().ExitCode, Check().Errors));
        const string Error =
            "error[MTL6010]: a step takes 8 samples, and manifest(\"scenes/data.yaml\") has 6 to train on: an epoch would "
            + "have no step";
        var check = Check("train.batch=8");
        Assert.Equal((1, ""), (check.ExitCode, check.Output));
        Assert.StartsWith(Error, check.Errors, StringComparison.Ordinal);
        Assert.Contains("--> --set:1:17", check.Errors, StringComparison.Ordinal);
        Assert.Contains("a step takes 8 samples (4 batches of 2)", Check("train.accumulate=4").Errors, StringComparison.Ordinal);
        var data = command.Run("data", "check", "tiny.mtl", "--set", Data, "--set", "train.batch=8");
        Assert.Equal((1, "9 samples, all good\n"), (data.ExitCode, data.Output));
        Assert.StartsWith(Error, data.Errors, StringComparison.Ordinal);
        var run = command.Run("run", "tiny.mtl", "--set", Data, "--set", "train.batch=8", "--out", "r", "--device", "cpu");
        Assert.Equal((65, ""), (run.ExitCode, run.Output));
        Assert.Contains("an epoch would have no step; write train.batch: 6 or less", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "r")));

        command.Write(
            "sweep.mtl",
            File.ReadAllText(Path.Combine(command.Folder, "tiny.mtl")) + "\nsweep s { train.batch: [2, 6, 8] }\n"
        );
        var plan = command.Run("sweep", "sweep.mtl", "--dry-run", "--set", Data);
        Assert.Equal(1, plan.ExitCode);
        Assert.Contains("3 points", plan.Output, StringComparison.Ordinal);
        Assert.StartsWith(Error, plan.Errors, StringComparison.Ordinal);
        Assert.Contains("note: of point 3", plan.Errors, StringComparison.Ordinal);
        Assert.EndsWith("\n1 error\n", plan.Errors, StringComparison.Ordinal);
        // Rendered scenes are counted too.
        command.Write("study.mtl", "sweep s { model: [\"tiny.mtl\"], train.batch: [2, 32] }\n");
        Assert.StartsWith(
            "error[MTL6010]: a step takes 32 samples, and synthetic has 16 to train on",
            command.Run("check", "study.mtl").Errors,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_split_that_cannot_be_validated_on_is_an_error_before_training()
    {
        command.Write(
            "scenes/none.yaml",
            File.ReadAllText(Scene("data.yaml")).Replace(", val: val.txt", "", StringComparison.Ordinal)
        );
        var none = Check("data.source=manifest(\"scenes/none.yaml\")");
        Assert.Equal(1, none.ExitCode);
        Assert.StartsWith(
            "error[MTL6011]: manifest(\"scenes/none.yaml\") has no samples to validate on",
            none.Errors,
            StringComparison.Ordinal
        );
        var run = command.Run(
            "run",
            "tiny.mtl",
            "--set",
            "data.source=manifest(\"scenes/none.yaml\")",
            "--set",
            "train.batch=2",
            "--device",
            "cpu"
        );
        Assert.Equal((65, ""), (run.ExitCode, run.Output));

        var whole = File.ReadAllBytes(Scene("b1.jpg"));
        File.WriteAllBytes(Scene("b1.jpg"), whole[..(whole.Length / 2)]);
        var corrupt = Check();
        Assert.Equal((1, ""), (corrupt.ExitCode, corrupt.Output));
        Assert.Matches(@"^error\[MTL6012\]: .*b1\.jpg: truncated", corrupt.Errors);
        var skipping = Check("data.corrupt=skip");
        Assert.Equal(0, skipping.ExitCode);
        Assert.StartsWith("warning[MTL6012]", skipping.Errors, StringComparison.Ordinal);
    }

    /// <summary>Scores are those of what is predicted: over every labelled pixel, in training, in `eval` and from the files of
    /// `predict`.</summary>
    [Fact]
    public void Training_eval_and_predictions_see_the_same_pixels()
    {
        var run = Ok(
            command.Run(
                "run",
                "tiny.mtl",
                "--set",
                Data,
                "--set",
                "train.batch=2",
                "--out",
                "r",
                "--device",
                "cpu",
                "--format",
                "json"
            )
        );
        var eval = Ok(command.Run("eval", "r", "--checkpoint", "last", "--device", "cpu", "--format", "json"));
        var (trained, scored) = (
            JsonDocument.Parse(run).RootElement.GetProperty("metrics"),
            JsonDocument.Parse(eval).RootElement.GetProperty("metrics")
        );
        Assert.Equal(trained.GetRawText(), scored.GetRawText());

        Ok(command.Run("predict", "r", "--split", "val", "--checkpoint", "last", "--out", "split", "--device", "cpu"));
        Ok(
            command.Run(
                "predict",
                "r",
                "scenes/b0.jpg",
                "scenes/b1.jpg",
                "scenes/b2.jpg",
                "--checkpoint",
                "last",
                "--out",
                "pictures",
                "--depth-unit",
                "cm",
                "--device",
                "cpu"
            )
        );
        var (right, labelled) = (0, 0);
        for (var i = 0; i < 3; i++)
        {
            var (label, ofSplit, ofPicture) = (
                Indices($"scenes/b{i}.png"),
                Indices($"split/semseg/{i}.png"),
                Indices($"pictures/b{i}_semseg.png")
            );
            Assert.Equal(ofSplit, ofPicture);
            labelled += label.Count(k => k != 255);
            right += label.Zip(ofSplit).Count(p => p.First != 255 && p.First == p.Second);
            Assert.True(File.Exists(Path.Combine(command.Folder, $"pictures/b{i}_depth_cm.png")));
        }
        Assert.Equal(100.0 * right / labelled, scored.GetProperty("semseg/pixel_accuracy").GetProperty("value").GetDouble(), 9);
        Assert.True(labelled > 3 * 32 * 64); // more than the middle

        byte[] Indices(string file) => PngReader.Read(Path.Combine(command.Folder, file)).Bytes!;
    }

    [Fact]
    public void The_plan_takes_pictures_as_large_as_they_are_padded()
    {
        string Header(params string[] sets) => Ok(command.Run(["plan", "tiny.mtl", "--no-calibration", .. sets])).Split('\n')[0];
        Assert.Equal("model tiny_net, batch 4, crop 32x32, pictures " + "" + "48x96", Header("--set", Data)); // 45x90, in a network of stride 8
        Assert.Equal("model tiny_net, batch 4, crop 32x32", Header("--set", "data.source=manifest(\"nowhere.yaml\")"));
    }

    [Fact]
    public void A_task_without_labels_is_absent_and_said()
    {
        for (var i = 0; i < 3; i++)
            File.Delete(Scene($"b{i}_depth.png"));
        var check = Check();
        Assert.Equal(0, check.ExitCode);
        Assert.StartsWith(
            "warning[MTL6013]: no validation sample of manifest(\"scenes/data.yaml\") has a label of task 'depth'",
            check.Errors,
            StringComparison.Ordinal
        );
        var run = command.Run("run", "tiny.mtl", "--set", Data, "--set", "train.batch=2", "--out", "r", "--device", "cpu");
        Assert.Equal(
            (0, "warning: task 'depth' has no score: no sample of the val split has a label of it\n"),
            (run.ExitCode, run.Errors)
        );
        Assert.DoesNotContain("SI-logRMSE", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", run.Output, StringComparison.Ordinal);
        var eval = command.Run("eval", "r", "--device", "cpu", "--format", "json");
        Assert.All(
            JsonDocument.Parse(eval.Output).RootElement.GetProperty("metrics").EnumerateObject(),
            m => Assert.StartsWith("semseg/", m.Name, StringComparison.Ordinal)
        );
        Assert.Equal("warning: task 'depth' has no score: no sample of the val split has a label of it\n", eval.Errors);
        Ok(command.Run("report", "r", "--out", "page.html"));
        var page = File.ReadAllText(Path.Combine(command.Folder, "page.html"));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("depth SI-logRMSE", page, StringComparison.Ordinal);
    }

    static string Ok(Repository.Outcome outcome)
    {
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return outcome.Output;
    }
}
