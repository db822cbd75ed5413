using System.Text.Json;
using Mtlc.Compiler.Targets.Onnx.Format;
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
