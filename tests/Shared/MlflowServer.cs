using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mtlc.Tests;

/// <summary>
/// The part of an MLflow 2 tracking server that a client of the REST interface meets, on the loopback: its checks of names, types
/// and sizes (mlflow/server/handlers.py, mlflow/utils/validation.py of 2.17), and fields that MLflow would silently ignore are
/// refused. </summary>
sealed class MlflowServer : IDisposable
{
    public sealed record Run(string Id, string ExperimentId, string Name)
    {
        public string Status { get; set; } = "RUNNING";
        public long? EndTime { get; set; }
        public Dictionary<string, string> Params { get; } = [];
        public Dictionary<string, string> Tags { get; } = [];
        public List<(string Key, double Value, long Timestamp, long Step)> Metrics { get; } = [];
        public Dictionary<string, byte[]> Artifacts { get; } = [];

        public IEnumerable<(long Step, double Value)> History(string key) =>
            Metrics.Where(m => m.Key == key).Select(m => (m.Step, m.Value));
    }

    sealed class Refused(string message, string code = "INVALID_PARAMETER_VALUE", int status = 400) : Exception(message)
    {
        public string Code { get; } = code;
        public int Status { get; } = status;
    }

    readonly HttpListener listener;
    readonly Dictionary<string, string> experiments = new() { ["0"] = "Default" };
    readonly Dictionary<string, Run> runs = [];
    readonly Lock gate = new();

    public MlflowServer()
    {
        for (var tries = 0; ; tries++)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            }
            listener = new HttpListener { Prefixes = { Address + "/" } };
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (tries < 10)
            {
                // somebody took the port meanwhile
            }
        }
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public string Address { get; }

    /// <summary>Answers in the server's place: a status by the call ("runs/create"), or null to let it be answered.</summary>
    public Func<string, int?> Trouble { get; set; } = _ => null;

    public Action<HttpListenerRequest> Seen { get; set; } = _ => { };

    public IReadOnlyList<Run> Runs
    {
        get
        {
            lock (gate)
                return [.. runs.Values];
        }
    }

    public string ExperimentOf(Run run) => experiments[run.ExperimentId];

    public List<string> Requests { get; } = [];

    public void Dispose() => listener.Close();

    void Serve()
    {
        while (true)
        {
            try
            {
                var context = listener.GetContext();
                new Thread(() => Answer(context)) { IsBackground = true }.Start(); // one that is slow keeps none waiting
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    void Answer(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        try
        {
            Seen(request);
            using var body = new MemoryStream();
            request.InputStream.CopyTo(body);
            var path = request.Url!.AbsolutePath;
            var call = path.Replace("/api/2.0/mlflow/", "", StringComparison.Ordinal);
            var (status, text) = (200, "{}");
            if (Trouble(call) is { } trouble)
                (status, text) = (trouble, "<html>trouble</html>");
            else
            {
                lock (gate)
                {
                    Requests.Add(call);
                    try
                    {
                        text = Handle(request, path, call, body.ToArray());
                    }
                    catch (Refused e)
                    {
                        (status, text) = (
                            e.Status,
                            new JsonObject { ["error_code"] = e.Code, ["message"] = e.Message }.ToJsonString()
                        );
                    }
                }
            }
            response.StatusCode = status;
            response.ContentType = "application/json";
            response.OutputStream.Write(Encoding.UTF8.GetBytes(text));
            response.Close();
        }
        catch (Exception e)
            when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // the client or the server is gone
        }
    }

    string Handle(HttpListenerRequest request, string path, string call, byte[] body)
    {
        const string proxy = "/api/2.0/mlflow-artifacts/artifacts/";
        if (request.HttpMethod != "GET" && request.ContentLength64 < 0)
            throw new Refused("no Content-Length");
        if (request.HttpMethod == "PUT" && path.StartsWith(proxy, StringComparison.Ordinal))
        {
            var parts = Uri.UnescapeDataString(path[proxy.Length..]).Split('/', 4);
            if (parts.Length < 4 || parts[2] != "artifacts" || parts[3].Split('/').Any(p => p is "" or "." or ".."))
                throw new Refused("Invalid path");
            Find(parts[1]).Artifacts[parts[3]] = body;
            return "{}";
        }
        switch (request.HttpMethod, call)
        {
            case ("GET", "experiments/get-by-name"):
                var name = request.QueryString["experiment_name"];
                var (id, _) = experiments.FirstOrDefault(e => e.Value == name);
                return id is null
                    ? throw new Refused($"Could not find experiment with name '{name}'", "RESOURCE_DOES_NOT_EXIST", 404)
                    : new JsonObject
                    {
                        ["experiment"] = new JsonObject
                        {
                            ["experiment_id"] = id,
                            ["name"] = name,
                            ["lifecycle_stage"] = "active",
                        },
                    }.ToJsonString();
            case ("POST", "experiments/create"):
                var wanted = Text(Body(request, body, "name"), "name", 500);
                if (experiments.ContainsValue(wanted))
                    throw new Refused($"Experiment '{wanted}' already exists.", "RESOURCE_ALREADY_EXISTS");
                experiments.Add($"{experiments.Count}", wanted);
                return new JsonObject { ["experiment_id"] = $"{experiments.Count - 1}" }.ToJsonString();
            case ("POST", "runs/create"):
                var create = Body(request, body, "experiment_id", "run_name", "start_time", "tags");
                var experiment = Text(create, "experiment_id", 64);
                if (!experiments.ContainsKey(experiment))
                    throw new Refused($"No Experiment with id={experiment} exists", "RESOURCE_DOES_NOT_EXIST", 404);
                Whole(create, "start_time");
                var run = new Run(Guid.NewGuid().ToString("N"), experiment, Text(create, "run_name", 250));
                Tags(create, run);
                runs.Add(run.Id, run);
                return new JsonObject { ["run"] = Json(run) }.ToJsonString();
            case ("GET", "runs/get"):
                return new JsonObject { ["run"] = Json(Find(request.QueryString["run_id"])) }.ToJsonString();
            case ("POST", "runs/update"):
                var update = Body(request, body, "run_id", "status", "end_time");
                var updated = Find(Text(update, "run_id", 256));
                if (Text(update, "status", 10) is not ("RUNNING" or "SCHEDULED" or "FINISHED" or "FAILED" or "KILLED"))
                    throw new Refused("Invalid value for parameter 'status'");
                (updated.Status, updated.EndTime) = (
                    Text(update, "status", 10),
                    update.ContainsKey("end_time") ? Whole(update, "end_time") : null
                );
                return "{}";
            case ("POST", "runs/log-batch"):
                LogBatch(Body(request, body, "run_id", "metrics", "params", "tags"), body.Length);
                return "{}";
            default:
                throw new Refused($"no such call: {request.HttpMethod} {path}", "ENDPOINT_NOT_FOUND", 404);
        }
    }

    void LogBatch(JsonObject batch, int size)
    {
        var run = Find(Text(batch, "run_id", 256));
        if (size > 1_000_000)
            throw new Refused($"Batched logging API requests must be at most 1000000 bytes, got a request of size {size}.");
        var metrics = Items(batch, "metrics", 1000, "key", "value", "timestamp", "step");
        var settings = Items(batch, "params", 100, "key", "value");
        if (metrics.Count + settings.Count + Items(batch, "tags", 100, "key", "value").Count > 1000)
            throw new Refused("A batch logging request can contain at most 1000 metrics, params, and tags.");
        if (settings.Select(p => Key(p)).Distinct().Count() < settings.Count)
            throw new Refused("Duplicate parameter keys have been submitted");
        foreach (var setting in settings)
        {
            var (key, value) = (Key(setting), Text(setting, "value", 6000, mayBeEmpty: true));
            if (run.Params.TryGetValue(key, out var before) && before != value)
                throw new Refused(
                    $"Changing param values is not allowed. Param with key='{key}' was already logged with value='{before}'"
                );
            run.Params[key] = value;
        }
        Tags(batch, run);
        foreach (var metric in metrics)
        {
            if (metric["value"] is not JsonValue number || number.GetValueKind() != JsonValueKind.Number)
                throw new Refused("Please specify value as a valid double (64-bit floating point)");
            run.Metrics.Add((Key(metric), number.GetValue<double>(), Whole(metric, "timestamp"), Whole(metric, "step")));
        }
    }

    static void Tags(JsonObject message, Run run)
    {
        foreach (var tag in Items(message, "tags", 100, "key", "value"))
            run.Tags[Key(tag)] = Text(tag, "value", 5000, mayBeEmpty: true);
    }

    Run Find(string? id) =>
        id is not null && runs.TryGetValue(id, out var run)
            ? run
            : throw new Refused($"Run with id={id} not found", "RESOURCE_DOES_NOT_EXIST", 404);

    static JsonObject Json(Run run) =>
        new()
        {
            ["info"] = new JsonObject
            {
                ["run_id"] = run.Id,
                ["run_uuid"] = run.Id,
                ["run_name"] = run.Name,
                ["experiment_id"] = run.ExperimentId,
                ["status"] = run.Status,
                ["artifact_uri"] = $"mlflow-artifacts:/{run.ExperimentId}/{run.Id}/artifacts",
                ["lifecycle_stage"] = "active",
            },
            ["data"] = new JsonObject
            {
                ["params"] = new JsonArray([
                    .. run.Params.Select(p => (JsonNode)new JsonObject { ["key"] = p.Key, ["value"] = p.Value }),
                ]),
                ["metrics"] = new JsonArray([
                    .. run
                        .Metrics.GroupBy(m => m.Key)
                        .Select(g => g.MaxBy(m => (m.Step, m.Timestamp)))
                        .Select(m =>
                            (JsonNode)
                                new JsonObject
                                {
                                    ["key"] = m.Key,
                                    ["value"] = m.Value,
                                    ["timestamp"] = m.Timestamp,
                                    ["step"] = m.Step,
                                }
                        ),
                ]),
            },
        };

    static JsonObject Body(HttpListenerRequest request, byte[] body, params string[] fields)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
            throw new Refused("Bad Request. Content-Type must be application/json.");
        return JsonNode.Parse(body) is JsonObject message ? Known(message, fields) : throw new Refused("the body is no object");
    }

    static JsonObject Known(JsonObject message, string[] fields) =>
        message.Select(f => f.Key).Except(fields).FirstOrDefault() is { } unknown
            ? throw new Refused($"unknown field {unknown}")
            : message;

    static List<JsonObject> Items(JsonObject message, string name, int most, params string[] fields)
    {
        if (!message.TryGetPropertyValue(name, out var node))
            return [];
        if (node is not JsonArray list || list.Any(i => i is not JsonObject))
            throw new Refused($"Invalid value for parameter '{name}' supplied: not an array of objects");
        if (list.Count > most)
            throw new Refused($"A batch logging request can contain at most {most} {name}. Got {list.Count} {name}.");
        return [.. list.Select(i => Known((JsonObject)i!, fields))];
    }

    static string Text(JsonObject message, string name, int most, bool mayBeEmpty = false)
    {
        if (message[name] is not JsonValue value || value.GetValueKind() != JsonValueKind.String)
            throw new Refused($"Missing value for required parameter '{name}'.");
        var text = value.GetValue<string>();
        return text.Length <= most && (mayBeEmpty || text.Length > 0)
            ? text
            : throw new Refused($"'{name}' exceeds the maximum length of {most} characters, or is empty");
    }

    static long Whole(JsonObject message, string name) =>
        message[name] is JsonValue value
        && value.GetValueKind() == JsonValueKind.Number
        && value.TryGetValue(out long number)
        && number >= 0
            ? number
            : throw new Refused($"Invalid value for parameter '{name}': not a whole number from 0 on");

    static string Key(JsonObject item)
    {
        var key = Text(item, "key", 250);
        if (!Regex.IsMatch(key, @"^[/\w.\- ]*$"))
            throw new Refused(
                $"Invalid value \"{key}\": Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), "
                    + $"spaces ( ) and slashes (/)."
            );
        if (key.Split('/').Any(p => p is "" or "." or ".."))
            throw new Refused(
                $"Invalid value \"{key}\": Names may be treated as files in certain cases, and must not resolve to other names"
            );
        return key;
    }
}
