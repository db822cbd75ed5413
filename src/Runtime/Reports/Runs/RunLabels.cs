namespace Mtlc.Runtime.Reports.Runs;

/// <summary>Short names by which a reader tells runs apart: the model and the settings in which they differ.</summary>
public static class RunLabels
{
    const int MostSettings = 4;

    /// <param name="withSeed">Whether repeats of one recipe get different labels.</param>
    public static IReadOnlyDictionary<StoredRun, string> Of(IReadOnlyList<StoredRun> runs, bool withSeed = true)
    {
        var differing = Differing(runs).Where(d => withSeed || d != "train.seed").ToList();
        var models = runs.Select(r => r.Model).Distinct().Count() > 1;
        var recipes = runs.ToDictionary(r => r, r => r.Settings.Recipe.ToDictionary(s => s.Key, s => s.Value));
        // What follows from the model, as its name does, says nothing new.
        var telling = !models
            ? differing
            : differing
                .Where(d =>
                    runs.GroupBy(r => r.Model).Any(g => g.Select(r => recipes[r].GetValueOrDefault(d)).Distinct().Count() > 1)
                )
                .ToList();
        var labels = runs.ToDictionary(r => r, r => string.Join(", ", Parts(r)));
        foreach (
            var same in labels
                .GroupBy(l => l.Value)
                .Where(g => withSeed ? g.Count() > 1 : g.Select(l => l.Key.Recipe).Distinct().Count() > 1)
                .ToList()
        )
        {
            foreach (var (run, label) in same)
                labels[run] = label.Length == 0 ? run.Name : $"{label} ({run.Name})";
        }
        return labels;

        IEnumerable<string> Parts(StoredRun run)
        {
            if (models || telling.Count == 0)
                yield return run.Model;
            foreach (var setting in telling.Take(MostSettings).Where(recipes[run].ContainsKey))
                yield return $"{setting[(setting.StartsWith("train.", StringComparison.Ordinal) ? 6 : 0)..]} "
                    + $"{recipes[run][setting]}";
        }
    }

    /// <summary>Paths of settings that are not the same in all runs, in the order of the recipe.</summary>
    public static IReadOnlyList<string> Differing(IReadOnlyList<StoredRun> runs)
    {
        var recipes = runs.Select(r => r.Settings.Recipe.ToDictionary(s => s.Key, s => s.Value)).ToList();
        return
        [
            .. runs.SelectMany(r => r.Settings.Recipe)
                .Select(s => s.Key)
                .Distinct()
                .Where(path =>
                    path is not ("data.workers" or "model")
                    && recipes.Select(r => r.GetValueOrDefault(path)).Distinct().Count() > 1
                ),
        ];
    }
}
