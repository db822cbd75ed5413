using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.Page;

/// <summary>The resolved recipe of every run, and what to type to get it again.</summary>
static class RecipeSection
{
    const int MostColumns = 24;

    public static string Settings(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        var differing = RunLabels.Differing(runs).ToHashSet(StringComparer.Ordinal);
        var recipes = runs.Select(r => r.Settings.Recipe.ToDictionary(s => s.Key, s => s.Value)).ToList();
        var paths = runs.SelectMany(r => r.Settings.Recipe.Select(s => s.Key)).Distinct().OrderBy(p => !differing.Contains(p)).ToList();
        if (runs.Count > 1 && differing.Count > 0)
            Table("Settings that differ", paths.Where(differing.Contains), runs.Count);
        page.Raw("<details><summary>Every setting</summary>");
        Table(runs.Count > 1 ? "Settings that are the same in all runs" : "Settings", paths.Where(p => !differing.Contains(p)), 1);
        return page.Raw("</details>").ToString();

        void Table(string caption, IEnumerable<string> rows, int columns)
        {
            columns = Math.Min(columns, MostColumns);
            page.Table(
                caption, columns == 1 ? ["", "value"] : [.. new[] { "" }, .. runs.Take(columns).Select(r => Html.Escape(labels[r]))],
                rows.Select(p => (Html.Escape(p), recipes.Take(columns).Select(r => $"<td>{Html.Escape(r.GetValueOrDefault(p, "–"))}</td>"))));
        }
    }

    public static string Repeat(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        page.Element("p", "Each run directory keeps its program under source/. These commands train it again; the digest in config.yaml tells whether it is the same experiment.");
        page.Table(
            "Commands, digests and versions", ["", "command", "digest", "mtlc", "libtorch", "device", "system"],
            runs.Select(run => (Html.Escape(labels[run]), (IEnumerable<string>)
            [
                $"<td><code>{Html.Escape(Command(run))}</code></td>", $"<td><code>{Html.Escape(run.Digest[..Math.Min(12, run.Digest.Length)])}</code></td>",
                .. new[] { "runtime.mtlc", "runtime.libtorch", "runtime.device", "runtime.system" }.Select(k => $"<td>{Html.Escape(run.Settings[k] ?? "–")}</td>"),
            ])));
        return page.ToString();
    }

    static string Command(StoredRun run)
    {
        var program = run.Settings["program"] ?? "source/PROGRAM.mtl";
        var sets = run.Settings.Overrides.Select(o => $" --set {Quote($"{o.Path}={o.Value}")}");
        return $"mtlc run {Path.Combine(run.Root, program)}{string.Concat(sets)}";
    }

    static string Quote(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || "._=-/,:".Contains(c)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
