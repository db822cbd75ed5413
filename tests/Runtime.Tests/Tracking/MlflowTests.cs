using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Tracking;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Tracking;

/// <summary>Runs followed by MLflow, whose server answers, stumbles, or is not there.</summary>
public sealed class MlflowTests : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20),
        Limit = TimeSpan.FromSeconds(30);

    readonly string root = Directory.CreateTempSubdirectory("mtlc-mlflow").FullName;
    readonly MlflowServer server = new();

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void The_server_has_the_run_as_its_files_have_it()
    {
        var (result, warnings) = Train("a", variables: new() { ["MLFLOW_EXPERIMENT_NAME"] = "blocks & more" });

        Assert.Empty(warnings);
        var run = Assert.Single(server.Runs);
        Assert.Equal(("a", "FINISHED", "blocks & more"), (run.Name, run.Status, server.ExperimentOf(run)));
        Assert.NotNull(run.EndTime);
        var stored = StoredRun.Open(result.Directory);
        Same(stored.Steps, "loss", run, "train/loss");
        Same(stored.Steps, "loss/depth", run, "train/loss.depth");
        Same(stored.Metrics, "multitask", run, "validation/multitask");
        Same(stored.Metrics, "semseg/iou/red", run, "validation/semseg/iou/red");
        Assert.Contains("system/memory_mb", run.Metrics.Select(m => m.Key));
        Assert.Equal(stored.Settings.Recipe.Select(s => s.Key).Append("model").Order(), run.Params.Keys.Order());
        Assert.Equal(("adam", "0.01"), (run.Params["train.optimizer"], run.Params["train.optimizer.lr"]));
        Assert.Equal(stored.Digest, run.Tags["mtlc.digest"]);
        Assert.Equal(
            [
                "config.yaml",
                "confusion-semseg.csv",
                "metrics.csv",
                "resources.csv",
                "result.json",
                "samples/epoch-001.png",
                "samples/epoch-002.png",
                "skipped.csv",
                "source/lib/recipe.mtl",
                "source/tiny.mtl",
                "statistics.json",
                "steps.csv",
            ],
            run.Artifacts.Keys.Order(StringComparer.Ordinal)
        );
        Assert.All(run.Artifacts, a => Assert.Equal(File.ReadAllBytes(Path.Combine(result.Directory, a.Key)), a.Value));
    }

    [Fact]
    public void A_resumed_run_goes_on_in_the_same_place_with_each_step_once()
    {
        var program = TinyRun.Program(epochs: 3, checkpoint: new(Every: 3));
        Assert.Throws<InvalidOperationException>(() =>
            Train(
                "a",
                program,
                stepped: s =>
                {
                    if (s.Step == 8)
                        throw new InvalidOperationException("killed");
                }
            )
        );
        Assert.Equal("FAILED", Assert.Single(server.Runs).Status);
        var (result, warnings) = Train("a", program, resume: true);

        Assert.Empty(warnings);
        var run = Assert.Single(server.Runs);
        Assert.Equal("FINISHED", run.Status);
        Same(StoredRun.Open(result.Directory).Steps, "loss", run, "train/loss");
        Same(StoredRun.Open(result.Directory).Metrics, "multitask", run, "validation/multitask");
        Train("b", variables: new() { ["MLFLOW_RUN_ID"] = run.Id }, epochs: 4);
        Assert.Single(server.Runs);
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (long)i), run.History("train/loss").Select(h => h.Step)); // 12 of the one run, 4 of the other
    }

    [Fact]
    public void A_stop_is_no_failure()
    {
        using var stop = new CancellationTokenSource();
        Train("a", stop: stop.Token, stepped: _ => stop.Cancel());
        Assert.Equal("KILLED", Assert.Single(server.Runs).Status);
        Train("b", TinyRun.Program(optimizer: new SgdRecipe(1e30, 0.9), epochs: 8), budget: 2);
        Assert.Equal("FAILED", server.Runs[1].Status);
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("500")]
    [InlineData("401")]
    [InlineData("404")]
    [InlineData("silent")]
    [InlineData("dies")]
    public void A_server_in_trouble_changes_nothing_and_is_told_of_once(string trouble)
    {
        var plain = Trainer.Run(TinyRun.Program(), Options("plain"));
        using var hang = new ManualResetEventSlim();
        var calls = 0;
        server.Trouble = _ =>
        {
            if (trouble == "silent")
                hang.Wait();
            else if (trouble == "dies" && Interlocked.Increment(ref calls) < 4)
                return null;
            else if (trouble == "dies")
                server.Dispose();
            return int.TryParse(trouble, out var status) ? status : 503;
        };
        if (trouble == "absent")
            server.Dispose();

        var (tracked, warnings) = Train("tracked", limit: TimeSpan.FromMilliseconds(300));
        hang.Set();

        foreach (var file in new[] { "steps.csv", "metrics.csv" })
            Assert.Equal(Rows(plain.Directory, file), Rows(tracked.Directory, file));
        Assert.Equal(Weights(plain.Directory), Weights(tracked.Directory));
        Assert.InRange(warnings.Count(w => w.Contains("training goes " + "" + "on", StringComparison.Ordinal)), 0, 1); // it may end before it is noticed
        Assert.Single(warnings, w => w.Contains("has not got all of the run", StringComparison.Ordinal));
        Assert.All(warnings, w => Assert.StartsWith($"MLflow at {server.Address}/", w, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_server_missed_is_sent_when_it_answers_again()
    {
        var calls = 0;
        server.Trouble = _ => Interlocked.Increment(ref calls) % 3 == 0 || calls is > 8 and < 14 ? 503 : null;
        var (result, _) = Train("a", epochs: 6, stepped: _ => Thread.Sleep(10));
        server.Trouble = _ => null;
        var (_, warnings) = Train("a", epochs: 6, resume: true); // had the end not been heard either

        Assert.Empty(warnings);
        var run = Assert.Single(server.Runs);
        Same(StoredRun.Open(result.Directory).Steps, "loss", run, "train/loss");
        Assert.Equal("FINISHED", run.Status);
    }

    [Fact]
    public void What_is_refused_holds_up_nothing_else()
    {
        server.Trouble = call => call.StartsWith("/api/2.0/mlflow-artifacts", StringComparison.Ordinal) ? 404 : null;
        var (result, warnings) = Train("a");

        Assert.Contains(
            "takes no artifacts (404); training goes on, but no files are stored there",
            Assert.Single(warnings),
            StringComparison.Ordinal
        );
        Same(StoredRun.Open(result.Directory).Steps, "loss", Assert.Single(server.Runs), "train/loss");
        Assert.Equal("FINISHED", server.Runs[0].Status);
    }

    [Fact]
    public void Different_names_have_different_keys_of_letters_that_MLflow_takes()
    {
        using var tracker = Trackers.Create($"mlflow:{server.Address}", _ => null);
        string[] names =
        [
            "car (moving)",
            "car [moving]",
            "car _moving_",
            "Car (moving)",
            "a,b",
            "a;b",
            "a\"b",
            "a'b",
            "a%b",
            "a%25b",
            "a/b",
            "a//b",
            "a/./b",
            "a/_/b",
            "ä",
            "ae",
            "é",
            "e\u0301",
            "\u202eb",
            "😀",
            "😁",
            new string('x', 300),
            new string('x', 301),
        ];
        var keys = names.Select(tracker.KeyOf).ToArray();
        Assert.Equal(names.Length, keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(keys, k => Assert.Matches(@"^[\p{L}\p{Nd}_\-. ]+(/[\p{L}\p{Nd}_\-. ]+)*$", k));
        Assert.All(keys, k => Assert.InRange(k.Length, 1, 250));
        Assert.Equal(keys, names.Select(tracker.KeyOf)); // asked again, the same
    }

    /// <summary>Keys can be read back, so that no two names share one, in whatever order and company they come.</summary>
    [Fact]
    public void A_key_tells_its_name() =>
        Gen.Char["_02fa.(/, é"]
            .Array[0, 12]
            .Select(letters => new string(letters))
            .Sample(
                name =>
                {
                    var key = MlflowKey.Of(name);
                    Assert.Equal(
                        name,
                        Regex.Replace(key, "_([0-9a-f]{2,4})_", m => ((char)Convert.ToInt32(m.Groups[1].Value, 16)).ToString())
                    );
                    Assert.Matches(@"^([\p{L}\p{Nd}_\-. ]+(/[\p{L}\p{Nd}_\-. ]+)*)?$", key);
                    Assert.DoesNotContain(key.Split('/'), part => part is "." or "..");
                },
                iter: 2000,
                threads: 1
            );

    [Theory]
    [InlineData("semseg/iou/traffic light", "semseg/iou/traffic light")]
    [InlineData("loss/l2(depth)#1", "loss/l2_28_depth_29__23_1")]
    [InlineData("depth/below_11.25", "depth/below_11.25")]
    [InlineData("a,b a_2c_b", "a_2c_b a_5f_2c_b")]
    [InlineData("/a//../b/.", "_2f_a/_2f__2e_./b/_2e_")]
    [InlineData("Straße/δ", "Straße/δ")]
    public void Names_are_spelt_as_MLflow_takes_them(string name, string key)
    {
        using var tracker = Trackers.Create($"mlflow:{server.Address}", _ => null);
        Assert.Equal(key, tracker.KeyOf(name));
        Assert.Equal(250, tracker.KeyOf(new string('x', 300)).Length);
    }

    [Theory]
    [InlineData(
        "",
        "MLFLOW_TRACKING_USERNAME=ann MLFLOW_TRACKING_PASSWORD=b:c " + "MLFLOW_TRACKING_TOKEN=t",
        "Basic YW5uOmI6Yw=="
    )] // ann:b:c
    [InlineData("", "MLFLOW_TRACKING_TOKEN=t", "Bearer t")]
    [InlineData("ann:p%40@", "", "Basic YW5uOnBA")] // ann:p@
    [InlineData("", "", null)]
    public void Credentials_come_from_the_environment(string user, string variables, string? header)
    {
        var environment = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('=', 2))
            .ToDictionary(v => v[0], v => v[1]);
        environment["MLFLOW_TRACKING_URI"] = server.Address.Replace("://", $"://{user}", StringComparison.Ordinal);
        var headers = new List<string?>();
        server.Seen = r => headers.Add(r.Headers["Authorization"]);
        using var tracker = Trackers.Create("mlflow", environment.GetValueOrDefault);
        Directory.CreateDirectory(Path.Combine(root, "a"));
        tracker.Open(new(Path.Combine(root, "a"), [], []), default);

        Assert.NotEmpty(headers);
        Assert.All(headers, h => Assert.Equal(header, h));
        Assert.DoesNotContain("ann", tracker.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("ann", File.ReadAllText(Path.Combine(root, "a", "mlflow.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wandb", "", "there is no tracker 'wandb'")]
    [InlineData("mlflow", "", "MLFLOW_TRACKING_URI=http://localhost:5000")]
    [InlineData("mlflow", "databricks", "'databricks' is not the address")]
    [InlineData("mlflow:./mlruns", "", "'./mlruns' is not the address")]
    [InlineData("mlflow:http://ann:secret@host", "", "MLFLOW_TRACKING_PASSWORD")]
    public void What_cannot_work_is_said_before_anything_runs(string name, string address, string message) =>
        Assert.Contains(
            message,
            Assert
                .Throws<TrackerException>(() => Trackers.Create(name, v => v == "MLFLOW_TRACKING_URI" ? address : null))
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Large_requests_are_divided()
    {
        Directory.CreateDirectory(Path.Combine(root, "a"));
        using var tracker = Trackers.Create($"mlflow:{server.Address}", _ => null);
        var settings = Enumerable.Range(0, 250).Select(i => KeyValuePair.Create($"setting.{i}", new string('v', 8000)));
        tracker.Open(new(Path.Combine(root, "a"), [.. settings], [KeyValuePair.Create("fact", new string('f', 9000))]), default);
        tracker.Log([.. Enumerable.Range(1, 2500).Select(i => new TrackedNumber("a", i, i, DateTimeOffset.UnixEpoch))], default);

        var run = Assert.Single(server.Runs);
        Assert.Equal(250, run.Params.Count);
        Assert.Equal(Enumerable.Range(1, 2500).Select(i => (long)i), run.History("a").Select(h => h.Step));
        Assert.Equal(6, server.Requests.Count(r => r == "runs/log-batch"));
        Assert.Equal(2500, tracker.Open(new(Path.Combine(root, "a"), [], []), default)["a"]);
    }

    [Theory]
    [InlineData("mlflow-artifacts:/1/abc/artifacts", "http://host:1/base/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/")]
    [InlineData(
        "mlflow-artifacts://other:8/1/abc/artifacts",
        "http://other:8/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/"
    )]
    [InlineData("http://other/api/2.0/mlflow-artifacts/artifacts/1", "http://other/api/2.0/mlflow-artifacts/artifacts/1/")]
    [InlineData("s3://bucket/1", null)]
    [InlineData("/home/ann/mlruns/1", null)]
    public void Files_go_where_the_server_takes_them(string artifacts, string? address)
    {
        using var client = new MlflowClient(MlflowSettings.Read("http://host:1/base", _ => null, forManyRuns: false));
        Assert.Equal(address, client.Artifacts(artifacts)?.ToString());
    }

    [Fact]
    public void A_table_is_read_while_it_grows()
    {
        var path = Path.Combine(root, "t.csv");
        var tail = new CsvTail(path);
        Assert.Empty(tail.Read());
        File.WriteAllText(path, "step,a\n1,2\n2,");
        Assert.Equal(["1", "2"], Assert.Single(tail.Read()));
        Assert.Empty(tail.Read());
        File.AppendAllText(path, "5\n");
        Assert.Equal(["2", "5"], Assert.Single(tail.Read()));
        var text = new StringBuilder();
        for (var i = 3; i < 20_000; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i},0\n");
        File.AppendAllText(path, text.ToString());
        var rows = new List<string[]>();
        while (tail.Read() is { Count: > 0 } some)
            rows.AddRange(some);
        Assert.Equal(Enumerable.Range(3, 19_997).Select(i => $"{i}"), rows.Select(r => r[0]));
        Assert.Equal(["step", "a"], tail.Header);
    }

    (TrainingResult Result, List<string> Warnings) Train(
        string name,
        Compiler.CompiledProgram? program = null,
        int epochs = 2,
        bool resume = false,
        CancellationToken stop = default,
        int budget = 10,
        Action<StepReport>? stepped = null,
        Dictionary<string, string>? variables = null,
        TimeSpan? limit = null
    )
    {
        var warnings = new List<string>();
        var options = Options(name, resume) with { Stop = stop, DivergenceBudget = budget };
        using var tracking = new RunTracking(
            Trackers.Create($"mlflow:{server.Address}", v => variables?.GetValueOrDefault(v)),
            options.Directory,
            Interval
        );
        TrainingResult? result = null;
        try
        {
            result = Trainer.Run(
                program ?? TinyRun.Program(epochs),
                options,
                tracking.Watch(
                    new()
                    {
                        Stepped = stepped,
                        Warned = w =>
                        {
                            if (!w.StartsWith("step ", StringComparison.Ordinal))
                                warnings.Add(w);
                        },
                    }
                )
            );
        }
        finally
        {
            warnings.AddRange(tracking.End(result?.Outcome, limit ?? Limit));
        }
        return (result, warnings);
    }

    TrainOptions Options(string name, bool resume = false) =>
        new(Path.Combine(root, name), "cpu", Resume: resume) { Data = new TinyRun.Blocks() };

    static void Same(NumberTable table, string column, MlflowServer.Run run, string key) =>
        Assert.Equal(table["step"].Zip(table[column]).Select(p => ((long)p.First, p.Second)), run.History(key));

    static string[] Rows(string run, string file) =>
        [
            .. File.ReadAllLines(Path.Combine(run, file))
                .Select(l => string.Join(',', l.Split(',').Where((_, i) => file != "metrics.csv" || i != 2))),
        ];

    static string Weights(string run)
    {
        using var checkpoint = new CheckpointFolder(Path.Combine(run, "checkpoints")).Newest();
        return checkpoint.Weights.Sha256 + checkpoint.OptimizerState.Sha256;
    }
}
