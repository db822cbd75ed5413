using System.Text.Json;
using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.Verbs;

public sealed class CheckTests : IDisposable
{
    readonly Command command = new();

    public CheckTests()
    {
        command.Write("tiny.mtl", Programs.Tiny);
        command.Write("wrong.mtl", Programs.Wrong);
    }

    public void Dispose() => command.Dispose();

    [Fact]
    public async Task A_good_program_is_confirmed_on_stdout()
    {
        var outcome = command.Run("check", "tiny.mtl");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        await Verify(outcome.Output);
    }

    [Fact]
    public void Errors_go_to_stderr_for_people()
    {
        var outcome = command.Run("check", "wrong.mtl");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("error[MTL2", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains($"--> wrong.mtl:{Programs.WrongLine}:{Programs.WrongColumn}", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("did you mean 'trunk'?", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', outcome.Errors);
    }

    [Fact]
    public void A_file_of_sweeps_and_reports_is_checked_with_every_program_that_it_names()
    {
        command.Write(
            "study.mtl",
            "sweep study {\n  model: [\"tiny.mtl\"]\n  train.seed: range(3)\n}\nreport page {\n  scores: table { runs: "
                + "sweep(\"study.mtl\", study) }\n}\n"
        );
        var good = command.Run("check", "study.mtl");
        Assert.Equal((0, ""), (good.ExitCode, good.Errors));
        Assert.Equal(
            "study.mtl: sweep study has no errors, 3 points\nstudy.mtl: report page has no errors, 1 tables and figures\n",
            good.Output
        );

        command.Write("study.mtl", "sweep study { model: [\"tiny.mtl\", \"wrong.mtl\"] }\n");
        var wrong = command.Run("check", "study.mtl");
        Assert.Equal((1, ""), (wrong.ExitCode, wrong.Output));
        Assert.Contains($"--> wrong.mtl:{Programs.WrongLine}:{Programs.WrongColumn}", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_as_build_tools_read_them()
    {
        var outcome = command.Run("check", "wrong.mtl", "--format", "msbuild");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith(
            $"wrong.mtl({Programs.WrongLine},{Programs.WrongColumn}): error MTL2",
            outcome.Errors,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Errors_as_programs_read_them()
    {
        var outcome = command.Run("check", "wrong.mtl", "--format", "json");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        var first = JsonDocument.Parse(outcome.Errors).RootElement[0];
        Assert.Equal("error", first.GetProperty("severity").GetString());
        Assert.Equal(
            (Programs.WrongLine, Programs.WrongColumn),
            (first.GetProperty("line").GetInt32(), first.GetProperty("column").GetInt32())
        );
    }

    [Fact]
    public void A_good_program_as_programs_read_it()
    {
        var outcome = command.Run("check", "tiny.mtl", "--format", "json");
        Assert.Equal(0, outcome.ExitCode);
        var json = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal("tiny_net", json.GetProperty("model").GetString());
        Assert.Equal(
            ["semseg", "depth"],
            json.GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("name").GetString()!)
        );
        Assert.Equal(0, JsonDocument.Parse(outcome.Errors).RootElement.GetArrayLength());
    }

    [Fact]
    public void A_setting_of_the_command_line_counts()
    {
        var outcome = command.Run("check", "tiny.mtl", "--set", "semseg.classes=5", "--set", "train.batch=8", "--format", "json");
        var wrong = command.Run("check", "tiny.mtl", "--set", "train.bach=8");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("did you mean 'batch'?", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal(0, command.Run("check", "tiny.mtl", "--set=train.batch=8").ExitCode);
        Assert.NotEqual(0, outcome.ExitCode);
    }

    [Fact]
    public void Data_that_are_elsewhere_are_no_error_and_said()
    {
        var outcome = command.Run("check", "tiny.mtl", "--set", "data.source=miniscapes(\"nowhere\")");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("miniscapes(\"nowhere\"), not on this machine", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_held_against_the_encoder_before_training()
    {
        Assert.Equal(0, command.Run("run", "tiny.mtl", "--max-steps", "1", "--out", "first").ExitCode);
        File.Move(
            Path.Combine(command.Folder, "first/checkpoints/step-00000001/model.safetensors"),
            Path.Combine(command.Folder, "start.safetensors")
        );
        var started = Programs.Tiny.Replace(
            "trunk: tiny",
            "trunk: tiny { weights: \"start.safetensors\" }",
            StringComparison.Ordinal
        );
        command.Write("started.mtl", started);
        const string Fact = "trunk starts from start.safetensors (12 tensors; not used: head.predict.weight, head.predict.bias)";
        var checking = CheckedWithoutTorch("started.mtl", "--format", "json");
        Assert.Equal(Fact, JsonDocument.Parse(checking.Output).RootElement.GetProperty("weights")[0].GetString());
        Assert.Contains(
            Fact,
            command.Run("run", "started.mtl", "--max-steps", "1", "--out", "second").Output,
            StringComparison.Ordinal
        );

        command.Write(
            "wider.mtl",
            started.Replace("16, kernel: 3, stride: 2", "24, kernel: 3, stride: 2", StringComparison.Ordinal)
        );
        var place = started
            .ReplaceLineEndings("\n")
            .Split('\n')
            .Index()
            .Single(l => l.Item.Contains("start.safetensors", StringComparison.Ordinal));
        var wider = command.Run("check", "wider.mtl", "--format", "msbuild");
        Assert.Equal((1, ""), (wider.ExitCode, wider.Output));
        Assert.StartsWith(
            $"wider.mtl({place.Index + 1},{place.Item.IndexOf('"', StringComparison.Ordinal) + 1}): error MTL6004: start.safetensors lacks 5 of the 12 tensors of encoder 'trunk' (tiny): ",
            wider.Errors,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "layer2.0.weight ([16, 8, 3, 3] in the file, [24, 8, 3, 3] in the encoder)",
            wider.Errors,
            StringComparison.Ordinal
        );
        Assert.Equal(0, command.Run("plan", "wider.mtl", "--no-calibration").ExitCode);

        // Of a file without a model each program is looked at; it comes through a pipe, which can be read once.
        var sweep = $"sweep s {{ model: [\"{command.Folder}/started.mtl\", \"{command.Folder}/wider.mtl\"] }}\n";
        command.Write("sweep.mtl", sweep);
        var swept = command.Shell("cat sweep.mtl | dotnet \"$MTLC\" check /dev/stdin");
        Assert.Equal((1, ""), (swept.ExitCode, swept.Output));
        Assert.Contains("error[MTL6004]", swept.Errors, StringComparison.Ordinal);
        Assert.EndsWith("\n1 error\n", swept.Errors, StringComparison.Ordinal);
        Assert.Equal(
            "/dev/stdin: sweep s has no errors, 1 points\n",
            command.Shell("sed 's/, .*wider.mtl\"//' sweep.mtl | dotnet \"$MTLC\" check /dev/stdin").Output
        );
    }

    [Fact]
    public void Weights_that_are_elsewhere_are_no_error_and_said()
    {
        command.Write(
            "imagenet.mtl",
            Programs
                .Wrong.Replace("trunc", "trunk", StringComparison.Ordinal)
                .Replace("resnet18", "resnet18 { weights: imagenet }", StringComparison.Ordinal)
        );
        var cache = new Dictionary<string, string> { ["MTLC_CACHE"] = command.Folder, ["TORCH_HOME"] = command.Folder };
        var official = command.Run(cache, "check", "imagenet.mtl");
        Assert.Equal((0, ""), (official.ExitCode, official.Errors));
        Assert.Contains("trunk starts from ImageNet weights, not on this machine", official.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(command.Folder));
        var own = command.Run("check", "imagenet.mtl", "--set", "trunk.weights=\"nowhere.pth\"");
        Assert.Equal((0, ""), (own.ExitCode, own.Errors));
        Assert.Contains("trunk starts from nowhere.pth, not on this machine", own.Output, StringComparison.Ordinal);
        command.Write("page.pth", "<html>404</html>");
        var page = command.Run("check", "imagenet.mtl", "--set", "trunk.weights=\"page.pth\"");
        Assert.Equal((1, ""), (page.ExitCode, page.Output));
        Assert.StartsWith("error[MTL6004]: page.pth: this is no file of torch.save", page.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_spaces_and_other_letters_work()
    {
        command.Write("my nets/größe ı.mtl", Programs.Tiny);
        Assert.Equal(0, command.Run("check", "my nets/größe ı.mtl").ExitCode);
    }

    [Fact]
    public void Checking_loads_no_libtorch() => CheckedWithoutTorch("tiny.mtl");

    Repository.Outcome CheckedWithoutTorch(params string[] arguments)
    {
        var outcome = command.Run(
            new Dictionary<string, string> { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = Path.Combine(command.Folder, "ld") },
            ["check", .. arguments]
        );
        Assert.Equal(0, outcome.ExitCode);
        var loaded = Directory.GetFiles(command.Folder, "ld.*").Select(File.ReadAllText).ToList();
        if (OperatingSystem.IsLinux())
            Assert.Contains(loaded, text => text.Contains("libcoreclr.so", StringComparison.Ordinal));
        Assert.All(loaded, text => Assert.DoesNotContain("torch", text, StringComparison.OrdinalIgnoreCase));
        return outcome;
    }

    [Fact]
    public void A_reader_that_closes_its_end_ends_it_quietly()
    {
        var outcome = command.Shell("dotnet \"$MTLC\" --help | head -n 1; echo ${PIPESTATUS[0]}");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Errors);
        Assert.EndsWith("\n0\n", outcome.Output, StringComparison.Ordinal);
    }
}
