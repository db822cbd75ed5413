using System.Text.Json;
using System.Text.Json.Serialization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Tasks;

/// <summary>`statistics.json` of a run: its <see cref="TrainingStatistics"/>.</summary>
static class StatisticsFile
{
    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static void Write(RunDirectory run, TrainingStatistics statistics) =>
        AtomicFile.Write(run.File(RunDirectory.Statistics), stream => JsonSerializer.Serialize(stream, statistics, Json));

    /// <exception cref="RunException">It is missing or damaged.</exception>
    public static TrainingStatistics Read(RunDirectory run)
    {
        var path = run.File(RunDirectory.Statistics);
        try
        {
            return JsonSerializer.Deserialize<TrainingStatistics>(RegularFile.ReadAllBytes(path), Json)!;
        }
        catch (FileNotFoundException e)
        {
            throw new RunException($"{path}: no such file; the run did not get as far as its first step", e);
        }
        catch (JsonException e)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }
}
