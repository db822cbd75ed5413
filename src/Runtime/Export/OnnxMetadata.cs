using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Targets.Onnx;
using Mtlc.Compiler.Targets.Onnx.Format;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Tasks;

namespace Mtlc.Runtime.Export;

/// <summary>What a file says of itself (`metadata_props`): plain text, or JSON with names in snake_case.</summary>
static class OnnxMetadata
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    sealed record InputText(
        string Name,
        string Layout,
        string Colours,
        float[] Mean,
        float[] Deviation,
        int Stride,
        bool IsNormalised
    );

    sealed record MapText(string Name, string Layout, float[] Mean, float[] Deviation);

    sealed record OutputText(
        string Name,
        string Kind,
        string Gives,
        string? Unit,
        int? Ignore,
        ImmutableArray<ClassText>? Classes
    );

    sealed record ClassText(string Name, string Colour);

    sealed record ScoreText(string Key, double Value, string Unit, MetricDirection Better);

    /// <summary>All but the certificate.</summary>
    public static void Describe(ModelProto proto, ExportedNetwork network, OnnxModel model, ExportOptions options)
    {
        var digest = RecipeDigest.Of(network.Program);
        Set(proto, "mtlc.model", network.Model.Name);
        Set(proto, "mtlc.digest", digest.Run);
        Set(proto, "mtlc.recipe", digest.Recipe);
        Set(proto, "mtlc.step", network.Step.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set(
            proto,
            "mtlc.input",
            JsonSerializer.Serialize(
                new InputText(
                    OnnxModel.Input,
                    options.IsRaw ? "N, 3, H, W of float32, sides multiples of the stride" : "N, H, W, 3 of uint8, any size",
                    "red, green, blue",
                    Example.Mean,
                    Example.Deviation,
                    model.Stride,
                    !options.IsRaw
                ),
                Json
            )
        );
        if (model.Settings.Maps.Count > 0)
            Set(
                proto,
                "mtlc.maps",
                JsonSerializer.Serialize(
                    model
                        .Settings.Maps.OrderBy(m => m.Key, StringComparer.Ordinal)
                        .Select(m => new MapText(
                            m.Key,
                            "N, C, H, W of float32 as the data have it, NaN where there is no number; as large as the picture",
                            [.. m.Value.Mean],
                            [.. m.Value.Deviation]
                        )),
                    Json
                )
            );
        Set(
            proto,
            "mtlc.outputs",
            JsonSerializer.Serialize(
                network
                    .Model.Tasks.Where(t => !t.Auxiliary)
                    .Select(t => Describe(t, network.Statistics.ClassNames, options.IsRaw)),
                Json
            )
        );
    }

    public static void Tell(ModelProto proto, PrecisionReport precision) =>
        Set(proto, "mtlc.precision", JsonSerializer.Serialize(precision, Json));

    public static void Certify(ModelProto proto, Certificate certificate)
    {
        Set(proto, "mtlc.certificate", JsonSerializer.Serialize(certificate, Json));
        Set(
            proto,
            "mtlc.scores",
            JsonSerializer.Serialize(
                certificate.Scores.Select(s => new ScoreText(s.Metric.Key, s.Metric.Value, s.Metric.Unit, s.Metric.Direction)),
                Json
            )
        );
    }

    static OutputText Describe(ModelTask task, ImmutableArray<string> names, bool isRaw)
    {
        var palette = Palette.For(names);
        var (gives, unit) = task.Exported(isRaw);
        ImmutableArray<ClassText>? classes = task is ClassTask { Classes: var count }
            ?
            [
                .. TrainingStatistics
                    .NamesOf(names, count)
                    .Select((n, i) => new ClassText(n, $"#{palette[i].R:x2}{palette[i].G:x2}{palette[i].B:x2}")),
            ]
            : null;
        return new(task.Name, task.Kind.Word, gives, unit, (task as ClassTask)?.Ignore, classes);
    }

    static void Set(ModelProto proto, string key, string value) => proto.MetadataProps.Add(OnnxFile.Entry(key, value));
}
