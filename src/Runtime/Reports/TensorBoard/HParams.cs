using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.TensorBoard;

/// <summary>What TensorBoard's HParams page shows of a run: every setting of its resolved recipe, and which scores to put beside
/// them.</summary>
static class HParams
{
    public const string Prefix = "_hparams_/";
    public const string EndTag = Prefix + "session_end_info";

    /// <summary>Names and types of the settings and scores. Of a folder of runs TensorBoard takes the first run's.</summary>
    /// <param name="metrics">Keys of the evaluation's metrics, the headline first.</param>
    public static Summary.Types.Value Experiment(RunSettings settings, IEnumerable<string> metrics)
    {
        var experiment = new Experiment { TimeCreatedSecs = Now };
        // What was set on the command line, as a sweep does, is what is worth a column: TensorBoard shows it first.
        var set = settings.Overrides.Select(o => o.Path).ToHashSet();
        foreach (var (name, value) in Settings(settings))
            experiment.HparamInfos.Add(
                new HParamInfo
                {
                    Name = name,
                    Type = TypeOf(value),
                    Differs = set.Contains(name),
                }
            );
        foreach (
            var metric in metrics.Select(MetricCatalog.Of).Where(m => m.Detail.Length == 0 && m.Direction != MetricDirection.None)
        )
            experiment.MetricInfos.Add(
                new MetricInfo
                {
                    Name = new() { Tag = $"validation/{metric.Key}" },
                    DisplayName = metric.FullTitle,
                    DatasetType = DatasetType.DatasetValidation,
                }
            );
        return Value("experiment", new() { Experiment = experiment });
    }

    public static Summary.Types.Value Start(RunSettings settings)
    {
        var start = new SessionStartInfo { StartTimeSecs = Now };
        foreach (var (name, value) in Settings(settings))
            start.Hparams[name] = value;
        return Value("session_start_info", new() { SessionStartInfo = start });
    }

    /// <returns>null for a run that was stopped and is to go on.</returns>
    public static Summary.Types.Value? End(TrainingOutcome outcome) =>
        outcome == TrainingOutcome.Stopped
            ? null
            : Value(
                "session_end_info",
                new()
                {
                    SessionEndInfo = new()
                    {
                        Status = outcome == TrainingOutcome.Diverged ? Status.Failure : Status.Success,
                        EndTimeSecs = Now,
                    },
                }
            );

    static Summary.Types.Value Value(string name, HParamsPluginData data) =>
        new()
        {
            Tag = Prefix + name,
            Metadata = new()
            {
                PluginData = new() { PluginName = "hparams", Content = data.ToByteString() },
            },
        };

    static IEnumerable<(string Name, Value Value)> Settings(RunSettings settings) =>
        settings
            .Recipe.DistinctBy(s => s.Key)
            .Select(s => (s.Key, Typed(s.Value)))
            .Prepend(("model", WellKnown(settings["model"] ?? "")));

    static Value Typed(string text) =>
        text switch
        {
            "true" or "false" => Google.Protobuf.WellKnownTypes.Value.ForBool(text == "true"),
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && double.IsFinite(number) => Google.Protobuf.WellKnownTypes.Value.ForNumber(number),
            _ => WellKnown(text),
        };

    static Value WellKnown(string text) => Google.Protobuf.WellKnownTypes.Value.ForString(text);

    static DataType TypeOf(Value value) =>
        value.KindCase switch
        {
            Google.Protobuf.WellKnownTypes.Value.KindOneofCase.BoolValue => DataType.Bool,
            Google.Protobuf.WellKnownTypes.Value.KindOneofCase.NumberValue => DataType.Float64,
            _ => DataType.String,
        };

    static double Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
}
