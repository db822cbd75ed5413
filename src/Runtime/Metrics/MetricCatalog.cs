namespace Mtlc.Runtime.Metrics;

/// <summary>What a key of `metrics.csv` means.</summary>
/// <param name="Task">"semseg"; empty for the multitask score.</param>
/// <param name="Title">As papers write it: "mean IoU".</param>
/// <param name="Decimals">Digits behind the point that are worth printing.</param>
/// <param name="Detail">One of many of its kind: a class, a band of distance; else empty.</param>
public sealed record MetricMeaning(string Key, string Task, string Title, string Detail, string Unit, MetricDirection Direction, int Decimals)
{
    /// <summary>"semseg mean IoU".</summary>
    public string FullTitle => Task.Length == 0 ? Title : Detail.Length == 0 ? $"{Task} {Title}" : $"{Task} {Title} {Detail}";
}

/// <summary>The metrics that runs store, by key.</summary>
public static class MetricCatalog
{
    public static MetricMeaning Of(string key)
    {
        if (key == MultitaskScore.Key)
            return new(key, "", "multitask", "", "", MetricDirection.Higher, 2);
        var parts = key.Split('/', 3);
        var name = parts.Length > 1 ? parts[1] : parts[0];
        var (title, unit, direction) = Meaning(name);
        return new(key, parts.Length > 1 ? parts[0] : "", title, parts.Length > 2 ? parts[2] : "", unit, direction, unit is "%" or "°" || name == "si_log_rmse" ? 2 : unit == "m" ? 3 : 4);
    }

    static (string Title, string Unit, MetricDirection Direction) Meaning(string name) => name switch
    {
        "mean_iou" => ("mean IoU", "%", MetricDirection.Higher),
        "iou" => ("IoU", "%", MetricDirection.Higher),
        "pixel_accuracy" => ("pixel accuracy", "%", MetricDirection.Higher),
        "si_log_rmse" => ("SI-logRMSE", "", MetricDirection.Lower),
        "log_rmse" => ("log-RMSE", "", MetricDirection.Lower),
        "rmse" => ("RMSE", "m", MetricDirection.Lower),
        "mae" => ("MAE", "m", MetricDirection.Lower),
        "rel" => ("relative error", "", MetricDirection.Lower),
        "delta1" => ("δ < 1.25", "%", MetricDirection.Higher),
        "delta2" => ("δ < 1.25²", "%", MetricDirection.Higher),
        "delta3" => ("δ < 1.25³", "%", MetricDirection.Higher),
        "f" => ("F", "%", MetricDirection.Higher),
        "precision" or "recall" => (name, "%", MetricDirection.Higher),
        "mean_angle" => ("mean angle", "°", MetricDirection.Lower),
        _ when name.StartsWith("below_", StringComparison.Ordinal) => ($"below {name[6..]}°", "%", MetricDirection.Higher),
        _ => (name.Replace('_', ' '), "", MetricDirection.None),
    };
}
