using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Tracking;

/// <summary>Runs as MLflow keeps them: settings are its params, files its artifacts.</summary>
sealed class MlflowTracker(MlflowSettings settings) : Tracker
{
    /// <summary>In the run directory: which run of which server it is, so that a resumed run goes on there.</summary>
    public const string Memory = "mlflow.json";

    // What one request may hold (mlflow/utils/validation.py).
    const int MostMetrics = 1000,
        MostParams = 100,
        LongestParam = 6000,
        LongestTag = 5000;

    readonly MlflowClient client = new(settings);
    readonly Dictionary<string, string> names = new(StringComparer.OrdinalIgnoreCase); // by the keys that they got
    string? runId,
        experimentId;
    Uri? artifacts;
    string artifactUri = "";

    public override string Title => $"MLflow at {settings.Server}";

    public override string? Page => runId is null ? null : $"{settings.Server}#/experiments/{experimentId}/runs/{runId}";

    public override IReadOnlyDictionary<string, long> Open(TrackedRun run, CancellationToken stop)
    {
        var isFirst = runId is null;
        var found = (runId ?? Remembered(run.Directory) ?? settings.RunId) is { } known ? Find(known, stop) : null;
        if (found is null && settings.RunId is { } wanted && Remembered(run.Directory) is null)
            throw new TrackerException($"there is no run {wanted}, which MLFLOW_RUN_ID names");
        var mine = found ?? Create(run, stop);
        var info = mine.GetProperty("info");
        (runId, experimentId) = (Text(info, "run_id"), Text(info, "experiment_id"));
        artifactUri = Text(info, "artifact_uri");
        artifacts = client.Artifacts(artifactUri);
        Remember(run.Directory);
        if (isFirst && found is not null)
        {
            Call("runs/update", new { run_id = runId, status = "RUNNING" }, stop);
            foreach (var tags in Tags(run).Chunk(MostParams))
                Call("runs/log-batch", new { run_id = runId, tags }, stop);
        }
        // What is there cannot be written again: MLflow refuses another value.
        var has = Entries(mine, "params").Select(p => Text(p, "key")).ToHashSet();
        foreach (var chunk in run.Settings.DistinctBy(s => Key(s.Key)).Where(s => !has.Contains(Key(s.Key))).Chunk(MostParams))
            LogParams(chunk, stop);
        return Entries(mine, "metrics").GroupBy(m => Text(m, "key")).ToDictionary(g => g.Key, g => g.Max(m => Number(m, "step")));
    }

    void LogParams(KeyValuePair<string, string>[] chunk, CancellationToken stop)
    {
        // Before MLflow 2.8 a value had at most 500 characters, before 1.28 at most 250.
        foreach (var most in new[] { LongestParam, 250 })
        {
            try
            {
                Call(
                    "runs/log-batch",
                    new { run_id = runId, @params = chunk.Select(s => new { key = Key(s.Key), value = Cut(s.Value, most) }) },
                    stop
                );
                return;
            }
            catch (TrackerException e) when (e.IsRefusal)
            {
                // The settings lie among the artifacts too.
            }
        }
    }

    public override void Log(IReadOnlyList<TrackedNumber> numbers, CancellationToken stop)
    {
        foreach (var chunk in numbers.Chunk(MostMetrics))
        {
            var metrics = chunk.Select(n => new
            {
                key = n.Key,
                value = n.Value,
                timestamp = n.Time.ToUnixTimeMilliseconds(),
                step = n.Step,
            });
            Call("runs/log-batch", new { run_id = runId, metrics }, stop);
        }
    }

    public override void Store(string path, string place, CancellationToken stop)
    {
        if (artifacts is null)
            throw new TrackerException(
                $"artifacts lie in {artifactUri}, where only MLflow's own clients write; they stay in the run directory"
            )
            {
                IsRefusal = true,
            };
        using var stream = RegularFile.OpenRead(path, FileShare.ReadWrite | FileShare.Delete);
        client.Upload(artifacts, place, stream, stop);
    }

    public override void End(TrackedEnd end, CancellationToken stop) =>
        Call(
            "runs/update",
            new
            {
                run_id = runId,
                status = end switch
                {
                    TrackedEnd.Finished => "FINISHED",
                    TrackedEnd.Failed => "FAILED",
                    _ => "KILLED",
                },
                end_time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            },
            stop
        );

    public override void Dispose() => client.Dispose();

    /// <summary>Different names get different keys, also where a store's disk does not tell capitals from small
    /// letters.</summary>
    public override string KeyOf(string name)
    {
        var key = MlflowKey.Of(name);
        return names.TryAdd(key, name) || names[key] == name ? key : MlflowKey.Told(name);
    }

    static string Key(string name) => MlflowKey.Of(name);

    JsonElement Create(TrackedRun run, CancellationToken stop) =>
        Call(
                "runs/create",
                new
                {
                    experiment_id = settings.ExperimentId ?? Experiment(stop),
                    run_name = run.Name,
                    start_time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
                    tags = Tags(run),
                },
                stop
            )
            .GetProperty("run");

    string Experiment(CancellationToken stop)
    {
        if (Existing() is { } id)
            return id;
        try
        {
            return Text(Call("experiments/create", new { name = settings.ExperimentName }, stop), "experiment_id");
        }
        catch (TrackerException) when (Existing() is { } made) // by another point of a sweep, meanwhile
        {
            return made;
        }

        string? Existing()
        {
            if (
                client.Get($"experiments/get-by-name?experiment_name={Uri.EscapeDataString(settings.ExperimentName)}", stop)
                is not { } answer
            )
                return null;
            var experiment = answer.GetProperty("experiment");
            return Text(experiment, "lifecycle_stage") != "deleted"
                ? Text(experiment, "experiment_id")
                : throw new TrackerException(
                    $"the experiment '{settings.ExperimentName}' is deleted; restore it, or set MLFLOW_EXPERIMENT_NAME"
                );
        }
    }

    /// <returns>null where the run is not there any more.</returns>
    JsonElement? Find(string id, CancellationToken stop) =>
        client.Get($"runs/get?run_id={Uri.EscapeDataString(id)}", stop) is { } answer
        && answer.GetProperty("run") is var run
        && Text(run.GetProperty("info"), "lifecycle_stage") != "deleted"
            ? run
            : null;

    JsonElement Call(string call, object body, CancellationToken stop) =>
        client.Post(call, body, stop) ?? throw new TrackerException($"{call}: the run or experiment is gone");

    static ImmutableArray<object> Tags(TrackedRun run)
    {
        var tags = ImmutableArray.CreateBuilder<object>();
        Add("mlflow.user", Environment.UserName);
        Add("mlflow.source.type", "LOCAL");
        Add("mlflow.source.name", "mtlc");
        Add(
            "mtlc.version",
            typeof(MlflowTracker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? ""
        );
        Add("mtlc.directory", Path.GetFullPath(run.Directory));
        foreach (var (name, value) in run.Facts)
            Add($"mtlc.{name}", value);
        return tags.ToImmutable();

        void Add(string key, string value) => tags.Add(new { key = Key(key), value = Cut(value, LongestTag) });
    }

    string? Remembered(string directory)
    {
        var path = Path.Combine(directory, Memory);
        try
        {
            return
                File.Exists(path)
                && JsonNode.Parse(RegularFile.ReadAllText(path)) is JsonObject memory
                && (string?)memory["tracking_uri"] == settings.Server.ToString()
                ? (string?)memory["run_id"]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // damaged: a new run is made
        }
    }

    void Remember(string directory)
    {
        if (Remembered(directory) == runId)
            return;
        var memory = new JsonObject
        {
            ["tracking_uri"] = settings.Server.ToString(),
            ["experiment_id"] = experimentId,
            ["run_id"] = runId,
        };
        AtomicFile.WriteText(Path.Combine(directory, Memory), memory.ToJsonString() + "\n");
    }

    static IEnumerable<JsonElement> Entries(JsonElement run, string name) =>
        run.TryGetProperty("data", out var data) && data.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";

    // int64 may come as text, as protobuf's JSON has it.
    static long Number(JsonElement element, string name) =>
        long.TryParse(Text(element, name), CultureInfo.InvariantCulture, out var number) ? number : 0;

    static string Cut(string text, int most) => text.Length <= most ? text : text[..most];
}
