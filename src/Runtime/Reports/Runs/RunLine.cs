using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>A run as one flat line of JSON: what it cost, every setting and every score, numbers as numbers (https://jsonlines.org).</summary>
public static class RunLine
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(StoredRun run)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("run", run.Root);
            json.WriteString("model", run.Model);
            json.WriteString("state", run.Status.ToString().ToLowerInvariant());
            json.WriteString("changed", run.Changed);
            json.WriteString("digest", run.Digest);
            json.WriteString("recipe", run.Recipe);
            Number("steps", run.Result?.Steps);
            Number("seconds", run.Result?.Seconds);
            Number("step_seconds", run.Result?.StepSeconds);
            Number("images_per_second", run.Result?.ImagesPerSecond);
            Number("parameters", run.Result?.Parameters);
            Number("multiply_adds", run.Result?.MultiplyAdds);
            Number("peak_memory", run.Result?.PeakMemory);
            foreach (var (path, value) in run.Settings.Recipe.DistinctBy(s => s.Key))
                Setting(path, value);
            foreach (var key in run.Keys)
                Number(key, run.Score(key));
            json.WriteEndObject();

            void Number(string name, double? value)
            {
                if (value is { } number && double.IsFinite(number))
                    json.WriteNumber(name, number);
                else
                    json.WriteNull(name);
            }

            void Setting(string path, string value)
            {
                if (value is "true" or "false")
                    json.WriteBoolean(path, value == "true");
                else if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
                    json.WriteNumber(path, number);
                else
                    json.WriteString(path, value);
            }
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
