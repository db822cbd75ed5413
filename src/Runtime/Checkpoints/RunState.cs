using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>Where a run stands, beside its tensors. Order of samples, augmentation and dropout are functions of seed and step:
/// nothing of them is stored.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Skipped">Steps in all whose loss or gradient was not finite.</param>
/// <param name="SkippedInARow">How many of them were the last.</param>
/// <param name="EvaluationDue">Whether the run was asked to stop before it had made the evaluation that is due at this
/// step.</param>
/// <param name="Best">The best evaluation so far.</param>
/// <param name="Balancing">State of the loss balancer and, in fp16, of the loss scale.</param>
public sealed record RunState(
    string Program,
    long Seed,
    long Step,
    long Skipped,
    int SkippedInARow,
    bool EvaluationDue,
    BestEvaluation? Best,
    IReadOnlyDictionary<string, double[]> Balancing
)
{
    /// <summary>The version of the checkpoint format that this program writes.</summary>
    public const string CurrentFormat = "mtlc-checkpoint/1";

    const string FormatFamily = "mtlc-checkpoint/";
    const int FormatVersion = 1;

    public string Format { get; init; } = CurrentFormat;

    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="RunException">It is no state, or of a newer version.</exception>
    public static RunState Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            CheckFormat(document.RootElement, path);
            return JsonSerializer.Deserialize<RunState>(json, Json)!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }

    /// <exception cref="RunException">The file says that it is of a newer version, or of none.</exception>
    internal static void CheckFormat(JsonElement root, string path)
    {
        var format = root.GetProperty("format").GetString() ?? "";
        if (format == CurrentFormat)
            return;
        var isNewer =
            format.StartsWith(FormatFamily, StringComparison.Ordinal)
            && int.TryParse(format.AsSpan(FormatFamily.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && version > FormatVersion;
        throw isNewer
            ? new RunException(
                $"{path}: written by a newer version of mtlc in the format {format}; this one reads {CurrentFormat}: update mtlc"
            )
            {
                IsFromNewerVersion = true,
            }
            : new RunException($"{path}: damaged: there is no format '{format}'");
    }
}

/// <param name="Checkpoint">The checkpoint that holds its weights.</param>
public sealed record BestEvaluation(double Score, long Step, string Checkpoint);
