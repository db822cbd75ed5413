namespace Mtlc.Runtime.Tracking;

/// <summary>The trackers there are, by name.</summary>
public static class Trackers
{
    static readonly Dictionary<string, Func<string?, Func<string, string?>, bool, Tracker>> ByName = new(StringComparer.Ordinal)
    {
        ["mlflow"] = (address, variable, forManyRuns) => new MlflowTracker(MlflowSettings.Read(address, variable, forManyRuns)),
    };

    public static IEnumerable<string> Names => ByName.Keys;

    /// <param name="name">"mlflow" or "mlflow:ADDRESS".</param>
    /// <param name="variable">The environment, by name of the variable.</param>
    /// <param name="forManyRuns">Whether several runs are to be tracked, as those of a sweep.</param>
    /// <exception cref="TrackerException">There is none of that name, or it lacks something.</exception>
    public static Tracker Create(string name, Func<string, string?> variable, bool forManyRuns = false)
    {
        var parts = name.Split(':', 2);
        return ByName.TryGetValue(parts[0], out var create)
            ? create(parts.Length > 1 ? parts[1] : null, variable, forManyRuns)
            : throw new TrackerException($"there is no tracker '{parts[0]}'; there is {string.Join(", ", Names)}");
    }
}
