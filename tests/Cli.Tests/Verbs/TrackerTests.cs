using System.Text.Json.Nodes;

namespace Mtlc.Tests.Verbs;

/// <summary>`--tracker` as a user types it, with a server on the loopback.</summary>
public sealed class TrackerTests : IDisposable
{
    readonly Command command = new();
    readonly MlflowServer server = new();

    public TrackerTests()
    {
        command.Write("tiny.mtl", Programs.Tiny.Replace("epochs: 2", "epochs: 1", StringComparison.Ordinal));
        command.Write("seeds.mtl", "import \"tiny.mtl\"\nsweep seeds { train.seed: range(2) }\n");
    }

    public void Dispose()
    {
        server.Dispose();
        command.Dispose();
    }

    [Fact]
    public void A_run_and_its_continuation_are_one_run_of_the_tracker()
    {
        var environment = new Dictionary<string, string> { ["MLFLOW_TRACKING_URI"] = server.Address };
        var first = command.Run(
            environment,
            "run",
            "tiny.mtl",
            "--out",
            "a",
            "--max-steps",
            "2",
            "--device",
            "cpu",
            "--tracker",
            "mlflow"
        );
        var second = command.Run(environment, "resume", "a", "--device", "cpu", "--tracker", "mlflow");

        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.True(second.ExitCode == 0, second.Errors);
        var run = Assert.Single(server.Runs);
        Assert.Contains(
            $"tracked at     {server.Address}/#/experiments/0/runs/{run.Id}",
            second.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(("a", "FINISHED"), (run.Name, run.Status));
        Assert.Equal([1L, 2, 3, 4], run.History("train/loss").Select(h => h.Step));
        Assert.Contains("samples/epoch-001.png", run.Artifacts.Keys);
    }

    [Fact]
    public void Each_point_of_a_sweep_is_a_run()
    {
        var result = command.Run(
            "sweep",
            "seeds.mtl",
            "--out",
            "seeds",
            "--jobs",
            "2",
            "--max-steps",
            "1",
            "--device",
            "cpu",
            "--tracker",
            $"mlflow:{server.Address}"
        );

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Equal(["0", "1"], server.Runs.Select(r => r.Params["train.seed"]).Order());
        Assert.All(server.Runs, r => Assert.True(Directory.Exists(Path.Combine(command.Folder, "seeds", r.Name))));

        // And in lines, for programs that read tables.
        var lines = command
            .Run("runs", "seeds", "--sort", "train.seed", "--format", "jsonl")
            .Output.TrimEnd('\n')
            .Split('\n')
            .Select(l => JsonNode.Parse(l)!.AsObject())
            .ToList();
        Assert.Equal([0.0, 1.0], lines.Select(l => (double)l["train.seed"]!));
        Assert.Equal("adam", (string?)lines[0]["train.optimizer"]);
        Assert.All(lines, l => Assert.Equal(lines[0].Select(p => p.Key), l.Select(p => p.Key)));
        Assert.All(lines[0], p => Assert.True(p.Value is null or JsonValue, p.Key));
    }

    [Fact]
    public void A_tracker_that_is_not_there_is_a_warning_and_one_that_cannot_be_an_error()
    {
        server.Dispose();
        var absent = command.Run(
            "run",
            "tiny.mtl",
            "--out",
            "a",
            "--max-steps",
            "1",
            "--device",
            "cpu",
            "--tracker",
            $"mlflow:{server.Address}"
        );
        Assert.True(absent.ExitCode == 0, absent.Errors);
        Assert.Contains(
            $"warning: MLflow at {server.Address}/ has not got all of the run",
            absent.Errors,
            StringComparison.Ordinal
        );

        var unknown = command.Run("run", "tiny.mtl", "--out", "b", "--tracker", "wandb");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("there is no tracker 'wandb'; there is mlflow", unknown.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "b")));
        var many = command.Run(
            new Dictionary<string, string> { ["MLFLOW_RUN_ID"] = "1" },
            "sweep",
            "seeds.mtl",
            "--tracker",
            $"mlflow:{server.Address}"
        );
        Assert.Equal(2, many.ExitCode);
        Assert.Contains("MLFLOW_RUN_ID names one run", many.Errors, StringComparison.Ordinal);
    }
}
