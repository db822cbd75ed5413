using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>A run as one flat line of JSON: what it took, every setting and every score, numbers as numbers
/// (https://jsonlines.org).</summary>
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
            json.WriteString("status", run.State);
            json.WriteString("changed", run.Changed);
            json.WriteString("digest", run.Digest);
            json.WriteString("recipe", run.Recipe);
            foreach (var cost in RunCosts.All)
                Number(cost.Key, cost.Of(run));
            foreach (var (path, value) in run.Settings.Recipe.DistinctBy(s => s.Key))
                Setting(path, value);
            foreach (var key in run.Keys)
                Number(key, run.Score(key));
            json.WriteEndObject();

            void Number(string name, double value)
            {
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteNull(name);
            }

            void Setting(string path, string value)
            {
                if (value is "true" or "false")
                    json.WriteBoolean(path, value == "true");
                else if (
                    double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number)
                )
                    json.WriteNumber(path, number);
                else
                    json.WriteString(path, value);
            }
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
