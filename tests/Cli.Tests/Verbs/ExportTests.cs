using System.Text.Json;
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
        command.Write(
            "small.mtl",
            SmallRun.Program.Replace("synthetic { scenes: 8, size: 32x64 }", "miniscapes(\"data\")", StringComparison.Ordinal)
        );
        Ok("export", "small.mtl", "--to", "pytorch", "--out", "p");
        Ok("run", "small.mtl", "--out", "whole", "--device", "cpu", "--max-steps", "6");

        // Outputs, gradients and ten steps are those of mtlc.
        var check = Python("check.py");
        Assert.Contains("losses of step 10", check, StringComparison.Ordinal);
        Assert.DoesNotContain("TOO LARGE", check, StringComparison.Ordinal);
        // Three steps there, three here: as six here.
        Python("train.py", "--workers", "0", "--max-steps", "3");
        Ok("resume", "p/run", "--device", "cpu", "--max-steps", "6");
        Assert.Equal(Losses("whole"), Losses("p/run"), (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(a));
        // And the other way round.
        Ok("run", "small.mtl", "--out", "mixed", "--device", "cpu", "--max-steps", "3");
        Python("train.py", "--workers", "0", "--max-steps", "6", "--resume", "--out", "../mixed");
        Assert.Equal(Losses("whole"), Losses("mixed"), (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(a));
        Ok("eval", "mixed", "--device", "cpu");
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

    string Python(params string[] arguments) =>
        Repository
            .Run(
                Path.Combine(command.Folder, "p"),
                Interpreter.Value!,
                arguments,
                new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" }
            )
            .Succeeded();

    // Of each step: the objective and its parts.
    double[] Losses(string run) =>
        [
            .. File.ReadLines(Path.Combine(command.Folder, run, "steps.csv"))
                .Skip(1)
                .SelectMany(line => line.Split(',')[3..^1])
                .Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)),
        ];

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
