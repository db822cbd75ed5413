namespace Mtlc.Cli.Output;

/// <summary>A metric's key as the papers write it.</summary>
internal static class MetricNames
{
    /// <summary>"semseg/mean_iou" -> ("semseg", "mean IoU"); "multitask", which has no task -> ("multitask", "score").</summary>
    public static (string Task, string Name) Split(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (key, "score") : (key[..slash], Readable(key[(slash + 1)..]));
    }

    /// <summary>The key has a detail, as "semseg/iou/road" has: one of many of its kind.</summary>
    public static bool IsDetail(string key) => key.Count(c => c == '/') > 1;

    private static string Readable(string name) => name switch
    {
        "mean_iou" => "mean IoU",
        "si_log_rmse" => "SI-logRMSE",
        "log_rmse" => "log-RMSE",
        "rmse" => "RMSE",
        "mae" => "MAE",
        "rel" => "relative error",
        "delta1" => "delta < 1.25",
        "delta2" => "delta < 1.25^2",
        "delta3" => "delta < 1.25^3",
        "f" => "F",
        "below_11.25" => "below 11.25 deg",
        "below_22.5" => "below 22.5 deg",
        "below_30" => "below 30 deg",
        _ when name.StartsWith("iou/", StringComparison.Ordinal) => $"IoU {name[4..]}",
        _ => name.Replace('_', ' '),
    };
}
