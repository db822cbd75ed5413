using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Tests.Infrastructure;
using Mtlc.Tests.Reliability;

namespace Mtlc.Tests.Verbs;

/// <summary>Files for other programs, as a user makes them.</summary>
public sealed class ExportTests : IDisposable
{
    readonly Command command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void A_run_is_exported_with_the_scores_of_its_evaluation()
    {
        command.Write("small.mtl", SmallRun.Program);
        Ok("run", "small.mtl", "--out", "r", "--device", "cpu", "--max-steps", "4");
        using var scores = JsonDocument.Parse(Ok("eval", "r", "--device", "cpu", "--format", "json"));

        var table = Ok("export", "r", "--to", "onnx", "--out", "files/small.onnx");

        Assert.StartsWith("files/small.onnx\n", table, StringComparison.Ordinal);
        Assert.Contains("small.mtl:12:", table, StringComparison.Ordinal); // the encoder's line
        Assert.Contains("Every error is within what rounding explains.", table, StringComparison.Ordinal);
        Assert.Equal(["small.onnx"], Directory.GetFiles(Path.Combine(command.Folder, "files")).Select(Path.GetFileName));
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(command.Folder, "files", "small.onnx")));
        using var written = JsonDocument.Parse(file.MetadataProps.Single(p => p.Key == "mtlc.scores").Value);
        foreach (var key in (string[])["semseg/mean_iou", "depth/rmse"])
        {
            var evaluated = scores.RootElement.GetProperty("metrics").GetProperty(key).GetProperty("value").GetDouble();
            var score = written
                .RootElement.EnumerateArray()
                .Single(s => s.GetProperty("key").GetString() == key)
                .GetProperty("value")
                .GetDouble();
            Assert.Equal(evaluated, score, 1e-4 * evaluated);
        }
    }

    [Fact]
    public void A_program_leaves_as_PyTorch_source_and_its_checkpoints_come_back()
    {
        Assert.SkipUnless(Interpreter.Value is not null, "needs python3 with torch, numpy and Pillow");
        Ok("data", "render", "--out", "data", "--layout", "miniscapes", "--scenes", "8", "--size", "32x64");
        WriteManifest();
        command.Write("small.mtl", Attending);
        Ok("data", "stats", "data.yaml");
        Ok("export", "small.mtl", "--to", "pytorch", "--out", "p");
        Ok("run", "small.mtl", "--out", "whole", "--device", "cpu", "--max-steps", "6");

        // Outputs, gradients and ten steps are those of mtlc.
        var check = Python("check.py");
        Assert.Contains("losses of step 10", check, StringComparison.Ordinal);
        Assert.DoesNotContain("TOO LARGE", check, StringComparison.Ordinal);
        // Another optimizer is none that rounding explains.
        var recipe = Path.Combine(command.Folder, "p", "recipe.json");
        var exported = File.ReadAllText(recipe);
        File.WriteAllText(recipe, exported.Replace("\"kind\": \"adamw\"", "\"kind\": \"adam\"", StringComparison.Ordinal));
        var other = RunPython("check.py");
        Assert.Equal(1, other.ExitCode);
        Assert.Matches("(losses of|weights after) step .* TOO LARGE", other.Output);
        File.WriteAllText(recipe, exported);
        // What the README tells to begin with works as it stands there.
        var readme = File.ReadAllText(Path.Combine(command.Folder, "p", "README.md"));
        var use = Regex.Match(readme, "```python\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        const string Given = "import torch\npictures, disparity = torch.zeros(2, 3, 32, 64), torch.zeros(2, 1, 32, 64)\n";
        var shapes = Python("-c", $"{Given}{use}print({{tuple(p.shape[2:]) for p in predictions.values()}})");
        Assert.Equal("{(32, 64)}", shapes.Trim());
        // An error that train.py does not know ends it, too: its readers hear no signal.
        const string Failing = """
            import sys, train
            def fail(*arguments): raise ValueError("on purpose")
            train.Session.step = fail
            sys.argv = ["train.py", "--workers", "1", "--out", "failed"]
            sys.exit(train.main())
            """;
        Assert.Contains("on purpose", RunPython("-c", Failing).Errors);
        // Three steps there, three here: as six here.
        Python("train.py", "--workers", "0", "--max-steps", "3");
        Ok("resume", "p/run", "--device", "cpu", "--max-steps", "6");
        Assert.Equal(Losses("whole"), Losses("p/run"), (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(a));
        // And the other way round.
        Ok("run", "small.mtl", "--out", "mixed", "--device", "cpu", "--max-steps", "3");
        Python("train.py", "--workers", "0", "--max-steps", "6", "--resume", "--out", "../mixed", "--data", "miniscapes:../data");
        Assert.Equal(Losses("whole"), Losses("mixed"), (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(a));
        Ok("eval", "mixed", "--device", "cpu");
    }

    /// <summary>As <see cref="SmallRun.Program"/>, with a map beside the picture, tokens, windows, positions of two kinds, a part
    /// that is frozen, matrices of low rank beside others of every form, and groups of parameters.</summary>
    const string Attending = """
        data { source: manifest("data.yaml"), augment: { crop: 32 }, workers: 1 }
        train {
          optimizer: adamw { lr: 1e-3, weight_decay: 0.05 }, decay: except norms and biases
          batch: 2, epochs: 12, evaluate: { samples: 0, every: 3 }, checkpoint: { every: 3 }
        }

        component tiny(x) {
          let layer1 = conv_bn_relu(x, 4, kernel: 3, stride: 2)
          let layer2 = conv_bn_relu(layer1, 8, kernel: 3, stride: 2)
          let token  = parameter(8, init: normal, stored: tokens)
          let places = parameter(8, init: normal, height: 3, width: 3, tokens: 1, stored: tokens)
          let placed = layer2 + resize_like(pixels(places), layer2, bicubic, antialias: true, offset: 0.1)
          let blocks = with_tokens(placed, token + tokens(places)) |> for i in range(2): dino_block(2, 0.1 * i, 1e-6, false, 100)
          let seen   = pixels(blocks)
          let shifts = [0, 1]
          let shifted = seen |> for i in range(2): swin_v2_block(2, 3, shifts[i], 0)
          let q       = conv(shifted, 8)
          let k       = conv(shifted, 8)
          let v       = conv(shifted, 8, bias: false)
          return attend(q, k, v, 2)
        }

        model small {
          task semseg: segmentation { classes: 19, ignore: 255 }
          task depth: depth
          input disparity: map
          encoder trunk: tiny { frozen: until layer1, lr: 0.5x, lr_decay: 0.9, adapt: lora { rank: 2, alpha: 4, on: all } }
          let near = conv_bn_relu(disparity, 8, kernel: 3, stride: 4)
          let both = trunk + near
          decoder head: both -> semseg, depth { at: 4, convs: 0, kernel: 1, weight_decay: 0.1 }
          loss: uncertainty(cross_entropy(semseg), l2(depth))
        }
        """;

    // Of the same files as the layout that they lie in.
    void WriteManifest()
    {
        var count = Directory.GetFiles(Path.Combine(command.Folder, "data", "train", "rgb")).Length;
        command.Write("data/ids.txt", string.Join('\n', Enumerable.Range(0, count)));
        command.Write(
            "data.yaml",
            """
            format: mtl-data/1
            root: data
            splits: { train: ids.txt, val: ids.txt }
            inputs:
              rgb: { path: "train/rgb/{id}.jpg", kind: rgb8 }
              disparity: { path: "train/depth/{id}.png", kind: u8, decode: "(1/4 - 1/300) * (v - 1) / 254 + 1/300", invalid: [0] }
            targets:
              semseg: { path: "train/semseg/{id}.png", kind: index, classes: cityscapes19, ignore: 255 }
              depth: { path: "train/depth/{id}.png", kind: u8, decode: "1 / ((1/4 - 1/300) * (v - 1) / 254 + 1/300)", invalid: [0], unit: m }
            """
        );
    }

    /// <summary>A Python with PyTorch: the one that is found first, or the system's.</summary>
    static readonly Lazy<string?> Interpreter = new(() =>
        new[] { Environment.GetEnvironmentVariable("PYTHON") ?? "python3", "/usr/bin/python3" }.FirstOrDefault(HasPyTorch)
    );

    static bool HasPyTorch(string python)
    {
        try
        {
            return Repository.Run(Path.GetTempPath(), python, "-c", "import torch, numpy, PIL").ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    string Python(params string[] arguments) => RunPython(arguments).Succeeded();

    Repository.Outcome RunPython(params string[] arguments) =>
        Repository.Run(
            Path.Combine(command.Folder, "p"),
            Interpreter.Value!,
            arguments,
            new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" }
        );

    // Of each step: the objective and its parts.
    double[] Losses(string run) =>
        [
            .. File.ReadLines(Path.Combine(command.Folder, run, "steps.csv"))
                .Skip(1)
                .SelectMany(line => line.Split(',')[3..^1])
                .Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)),
        ];

    [Fact]
    public void A_job_for_a_cluster_lies_beside_the_source()
    {
        command.Write("small.mtl", SmallRun.Program);
        string[] export = ["export", "small.mtl", "--to", "pytorch", "--launch"];
        string[] data = ["--data", "miniscapes:/data"];

        var told = Ok([.. export, "slurm", "--out", "a", "--gpus", "2", "--nodes", "2", "--partition", "gpu", .. data]);
        Ok([.. export, "kubernetes", "--out", "b", "--image", "torch:2", "--volume", "claim:/volume", .. data]);

        Assert.Contains("then: sbatch a/job.sh\n", told, StringComparison.Ordinal);
        var script = File.ReadAllText(Path.Combine(command.Folder, "a", "job.sh"));
        Assert.Contains("\n#SBATCH --job-name=small\n#SBATCH --nodes=2\n", script, StringComparison.Ordinal);
        Assert.Contains($"\ncd {Path.Combine(command.Folder, "a")} || exit 74\n", script, StringComparison.Ordinal);
        Assert.Contains(" train.py --resume --data miniscapes:/data &\n", script, StringComparison.Ordinal);
        // The folder lies elsewhere, and is to be copied to the volume.
        Assert.Contains(
            "cd /volume/b && exec torchrun train.py --resume --data miniscapes:/data",
            File.ReadAllText(Path.Combine(command.Folder, "b", "job.yaml")),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("pytorch", "reads no synthetic scenes: --launch needs '--data'", "--launch", "slurm", "--gpus", "1")]
    [InlineData("pytorch", "how many processes", "--launch", "slurm", "--data", "miniscapes:d")]
    [InlineData("pytorch", "'--nodes' has no meaning without --launch", "--nodes", "2")]
    [InlineData("pytorch", "'--time' has no meaning with --launch local", "--time", "1:00")]
    [InlineData("onnx", "'--launch' is for '--to pytorch'", "--launch", "slurm", "--gpus", "1")]
    public void A_job_that_cannot_be_is_refused_before_anything_is_written(string to, string reason, params string[] arguments)
    {
        command.Write("small.mtl", SmallRun.Program);

        var outcome = command.Run(["export", "small.mtl", "--to", to, "--out", "p", .. arguments]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(reason, outcome.Errors, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(command.Folder, "p")));
    }

    [Fact]
    public void Options_of_one_format_are_no_options_of_the_other()
    {
        command.Write("small.mtl", SmallRun.Program);

        var outcome = command.Run("export", "small.mtl", "--to", "pytorch", "--out", "p", "--raw");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("'--raw' is for '--to onnx'", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_exported_is_an_error_of_the_program()
    {
        command.Write(
            "edges.mtl",
            SmallRun.Program.Replace(
                "return conv_bn_relu(layer1, 8",
                "return conv_bn_relu(concat(layer1, max_pool(canny(x, 100, 200), kernel: 5, stride: 4)), 8",
                StringComparison.Ordinal
            )
        );

        var outcome = command.Run("export", "edges.mtl", "--to", "onnx", "--out", "edges.onnx");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("error[MTL5001]: 'canny' cannot be exported to ONNX", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("edges.mtl:6:", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("help: ", outcome.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(command.Folder, "edges.onnx")));
    }

    string Ok(params string[] arguments)
    {
        var outcome = command.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return outcome.Output;
    }
}
