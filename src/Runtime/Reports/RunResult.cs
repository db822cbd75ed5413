using System.Text.Json;
using System.Text.Json.Serialization;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.SelfTest;

namespace Mtlc.Runtime.Reports;

/// <summary>`result.json`: how a run ended and what it cost. A run without one is still going on, or was killed.</summary>
/// <param name="Seconds">In all, over every resumption, evaluations and saving included.</param>
/// <param name="StepSeconds">Mean time of a training step since the last resumption, waiting for data included.</param>
/// <param name="ImagesPerSecond">Of training steps.</param>
/// <param name="Parameters">Trainable ones.</param>
/// <param name="MultiplyAdds">Of one forward pass over one training crop.</param>
/// <param name="PeakMemory">The largest resident set of the process, in bytes.</param>
/// <param name="PeakGpuMemory">The most memory seen in use on the card, in bytes; null without a GPU.</param>
/// <param name="CpuEnergy">Joules that the machine's processors took while the run went on; null where the system does not
/// tell.</param>
/// <param name="GpuEnergy">Joules that the card took.</param>
public sealed record RunResult(
    TrainingOutcome Outcome,
    long Steps,
    long Skipped,
    double Seconds,
    double StepSeconds,
    double ImagesPerSecond,
    long Parameters,
    long MultiplyAdds,
    long PeakMemory,
    string? Message,
    long? PeakGpuMemory = null,
    double? CpuEnergy = null,
    double? GpuEnergy = null
)
{
    /// <summary>What computed it, and that it computes rightly; null in results of versions that did not test it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SoundnessRecord? Soundness { get; init; }

    /// <summary>Joules of processors and card together; null where neither is known.</summary>
    [JsonIgnore]
    public double? Energy => CpuEnergy is null && GpuEnergy is null ? null : (CpuEnergy ?? 0) + (GpuEnergy ?? 0);

    public const string Name = "result.json";

    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public void Write(string directory) =>
        AtomicFile.Write(Path.Combine(directory, Name), stream => JsonSerializer.Serialize(stream, this, Json));

    /// <returns>null where the run has not ended.</returns>
    /// <exception cref="RunException">The file is damaged.</exception>
    public static RunResult? Read(string directory)
    {
        var path = Path.Combine(directory, Name);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<RunResult>(RegularFile.ReadAllBytes(path), Json) : null;
        }
        catch (JsonException e)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }
}
