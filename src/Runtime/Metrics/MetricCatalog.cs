using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Tasks;

namespace Mtlc.Runtime.Metrics;

/// <summary>What a key of `metrics.csv` means.</summary>
/// <param name="Task">"semseg"; empty for the multitask score.</param>
/// <param name="Title">As papers write it: "mean IoU".</param>
/// <param name="Unit">For the head of a column; empty for counts and points.</param>
/// <param name="Decimals">Digits behind the point that are worth printing.</param>
/// <param name="Detail">One of many of its kind: a class, a band of distance; else empty.</param>
public sealed record MetricMeaning(
    string Key,
    string Task,
    string Title,
    string Detail,
    string Unit,
    MetricDirection Direction,
    int Decimals
)
{
    /// <summary>What the detail is.</summary>
    public MeasureDetail DetailKind { get; init; }

    /// <summary>"semseg mean IoU".</summary>
    public string FullTitle =>
        Task.Length == 0 ? Title
        : Detail.Length == 0 ? $"{Task} {Title}"
        : $"{Task} {Title} {Detail}";
}

/// <summary>The metrics that runs store, by key.</summary>
public static class MetricCatalog
{
    public static MetricMeaning Of(string key)
    {
        if (key == MultitaskScore.Measure.Key)
            return Meaning(key, "", "", MultitaskScore.Measure);
        var (task, name, detail) = key.Split('/', 3) switch
        {
            [var only] => ("", only, ""),
            [var first, var second] => (first, second, ""),
            [var first, var second, var third, ..] => (first, second, third),
            _ => ("", "", ""),
        };
        return Measure.Find(detail.Length > 0 ? $"{name}/*" : name) is { } measure
            ? Meaning(key, task, detail, measure)
            : new(key, task, name.Replace('_', ' '), detail, "", MetricDirection.None, 4); // of another version
    }

    static MetricMeaning Meaning(string key, string task, string detail, Measure measure) =>
        new(
            key,
            task,
            measure.Title,
            detail,
            measure.Unit switch
            {
                "deg" => "°",
                "px" or "points" => "",
                var unit => unit,
            },
            measure.Direction,
            measure.Decimals
        )
        {
            DetailKind = measure.Detail,
        };
}
