using System.Net;
using System.Text;
using System.Text.Json;

namespace Mtlc.Runtime.Tracking;

/// <summary>Requests to an MLflow server, as https://mlflow.org/docs/latest/rest-api.html has them.</summary>
sealed class MlflowClient(MlflowSettings settings) : IDisposable
{
    static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(30),
        LongestUpload = TimeSpan.FromMinutes(5);

    readonly HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <returns>null where there is no such thing.</returns>
    public JsonElement? Get(string call, CancellationToken stop) => Send(HttpMethod.Get, Api(call), null, LongestRequest, stop);

    /// <returns>null where there is no such thing.</returns>
    public JsonElement? Post(string call, object body, CancellationToken stop)
    {
        // Of known length: some servers that MLflow runs on read no chunks.
        var text = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return Send(HttpMethod.Post, Api(call), text, LongestRequest, stop);
    }

    /// <param name="place">Below the folder.</param>
    public void Upload(Uri folder, string place, Stream content, CancellationToken stop)
    {
        var address = new Uri(folder, string.Join('/', place.Split('/').Select(Uri.EscapeDataString)));
        if (Send(HttpMethod.Put, address, new StreamContent(content), LongestUpload, stop) is null)
            throw new TrackerException("the server takes no artifacts (404)") { IsRefusal = true };
    }

    /// <summary>Where the files of a run are uploaded to, by its artifact URI; null where the server does not take
    /// them.</summary>
    public Uri? Artifacts(string uri)
    {
        const string proxy = "api/2.0/mlflow-artifacts/artifacts/";
        if (!Uri.TryCreate(uri.TrimEnd('/') + "/", UriKind.Absolute, out var place))
            return null;
        return place.Scheme switch
        {
            "mlflow-artifacts" when place.Authority.Length == 0 => new(
                settings.Server,
                proxy + place.AbsolutePath.TrimStart('/')
            ),
            "mlflow-artifacts" => new($"{settings.Server.Scheme}://{place.Authority}/{proxy}{place.AbsolutePath.TrimStart('/')}"),
            "http" or "https" when place.AbsolutePath.Contains(proxy, StringComparison.Ordinal) => place,
            _ => null,
        };
    }

    Uri Api(string call) => new(settings.Server, $"api/2.0/mlflow/{call}");

    JsonElement? Send(HttpMethod method, Uri address, HttpContent? content, TimeSpan longest, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(longest);
        using var request = new HttpRequestMessage(method, address) { Content = content };
        if (address.Authority == settings.Server.Authority)
            request.Headers.Authorization = settings.Credentials;
        try
        {
            using var response = http.Send(request, limit.Token);
            using var stream = response.Content.ReadAsStream(limit.Token);
            using var reader = new StreamReader(stream);
            var text = reader.ReadToEnd();
            if (response.IsSuccessStatusCode)
                return method == HttpMethod.Put ? default(JsonElement) : JsonSerializer.Deserialize<JsonElement>(text);
            var (code, message) = Problem(text);
            if (response.StatusCode == HttpStatusCode.NotFound && (code == "RESOURCE_DOES_NOT_EXIST" || method == HttpMethod.Put))
                return null;
            throw new TrackerException(
                $"{(int)response.StatusCode} {response.ReasonPhrase}{(message.Length > 0 ? $": {message}" : "")}"
            )
            {
                IsRefusal = (int)response.StatusCode is >= 400 and < 500 and not (401 or 403 or 408 or 425 or 429),
            };
        }
        catch (OperationCanceledException e)
        {
            throw new TrackerException(
                stop.IsCancellationRequested
                    ? "it took too long at the end"
                    : FormattableString.Invariant($"no answer within {longest.TotalSeconds} s"),
                e
            );
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw new TrackerException(e.Message, e);
        }
    }

    // {"error_code": "INVALID_PARAMETER_VALUE", "message": "..."}; a proxy in between may answer anything.
    static (string Code, string Message) Problem(string text)
    {
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(text);
            return root.ValueKind == JsonValueKind.Object ? (Text("error_code"), OneLine(Text("message"))) : ("", "");

            string Text(string name) =>
                root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        }
        catch (JsonException)
        {
            return ("", "");
        }
    }

    static string OneLine(string text)
    {
        const int most = 300;
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= most ? line : line[..most] + "...";
    }

    public void Dispose() => http.Dispose();
}
