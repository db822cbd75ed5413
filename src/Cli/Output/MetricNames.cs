using Mtlc.Compiler.Ir;

namespace Mtlc.Cli.Output;

/// <summary>A metric's key as the papers write it, in letters that every terminal has.</summary>
static class MetricNames
{
    /// <summary>"semseg/mean_iou" -> ("semseg", "mean IoU"); "multitask", which has no task -> ("multitask", "score").</summary>
    public static (string Task, string Name) Split(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (key, "score") : (key[..slash], Readable(key[(slash + 1)..]));
    }

    /// <summary>The key has a detail, as "semseg/iou/road" has: one of many of its kind.</summary>
    public static bool IsDetail(string key) => key.Count(c => c == '/') > 1;

    static string Readable(string name) =>
        (Measure.Find(name) ?? Measure.Find($"{name}/*")) is { } measure
            ? measure
                .Title.Replace("δ", "delta", StringComparison.Ordinal)
                .Replace("²", "^2", StringComparison.Ordinal)
                .Replace("³", "^3", StringComparison.Ordinal)
                .Replace("°", " deg", StringComparison.Ordinal)
            : name.Replace('_', ' ');
}
