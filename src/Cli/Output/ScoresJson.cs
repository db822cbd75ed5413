using System.Text.Json;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Evaluation;

namespace Mtlc.Cli.Output;

/// <summary>An evaluation as JSON members: `epoch`, `step`, `images`, `metrics`.</summary>
static class ScoresJson
{
    public static void Write(Utf8JsonWriter json, EvaluationReport evaluation)
    {
        json.WriteNumber("epoch", evaluation.Epoch);
        json.WriteNumber("step", evaluation.Step);
        json.WriteNumber("images", evaluation.Images);
        json.WriteStartObject("metrics");
        foreach (var (metric, trivial) in evaluation.Rows)
        {
            json.WriteStartObject(metric.Key);
            json.Number("value", metric.Value);
            json.Number("trivial", trivial);
            json.WriteString("unit", metric.Unit);
            json.WriteString(
                "better",
                metric.Direction switch
                {
                    MetricDirection.Higher => "higher",
                    MetricDirection.Lower => "lower",
                    _ => "neither",
                }
            );
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
