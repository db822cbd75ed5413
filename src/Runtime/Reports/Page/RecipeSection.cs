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
        var paths = runs.SelectMany(r => r.Settings.Recipe.Select(s => s.Key))
            .Distinct()
            .OrderBy(p => !differing.Contains(p))
            .ToList();
        if (runs.Count > 1 && differing.Count > 0)
            Table("Settings that differ", paths.Where(differing.Contains), runs.Count);
        page.Raw("<details><summary>Every setting</summary>");
        Table(
            runs.Count > 1 ? "Settings that are the same in all runs" : "Settings",
            paths.Where(p => !differing.Contains(p)),
            1
        );
        return page.Raw("</details>").ToString();

        void Table(string caption, IEnumerable<string> rows, int columns)
        {
            columns = Math.Min(columns, MostColumns);
            page.Table(
                caption,
                columns == 1 ? ["", "value"] : [.. new[] { "" }, .. runs.Take(columns).Select(r => Html.Escape(labels[r]))],
                rows.Select(p =>
                    (Html.Escape(p), recipes.Take(columns).Select(r => $"<td>{Html.Escape(r.GetValueOrDefault(p, "–"))}</td>"))
                )
            );
        }
    }

    public static string Repeat(IReadOnlyList<StoredRun> runs, IReadOnlyDictionary<StoredRun, string> labels)
    {
        var page = new Html();
        page.Element(
            "p",
            "Each run directory keeps its program under source/. These commands train it again; the digest in config.yaml "
                + "tells whether it is the same experiment."
        );
        page.Table(
            "Commands and digests",
            ["", "digest", "command"],
            runs.Select(run =>
                (
                    Html.Escape(labels[run]),
                    (IEnumerable<string>)[Code(run.Digest[..Math.Min(12, run.Digest.Length)]), Code(Command(run))]
                )
            ),
            "class=\"commands\""
        );
        // A row for each different set of versions: one, as a rule.
        page.Table(
            "Versions",
            ["", .. Versions.Select(v => v.Title)],
            runs.GroupBy(r => string.Join('\0', Versions.Select(v => r.Settings[v.Path])))
                .Select(
                    (group, _) =>
                        (
                            Html.Escape(
                                group.Count() == runs.Count ? "all runs" : string.Join("; ", group.Select(r => labels[r]))
                            ),
                            Versions.Select(v => $"<td>{Html.Escape(Short(group.First().Settings[v.Path] ?? "–"))}</td>")
                        )
                ),
            "class=\"commands\""
        );
        return page.ToString();
    }

    static readonly (string Title, string Path)[] Versions =
    [
        ("mtlc", "runtime.mtlc"),
        (".NET", "runtime.dotnet"),
        ("libtorch", "runtime.libtorch"),
        ("device", "runtime.device"),
        ("threads", "runtime.threads"),
        ("system", "runtime.system"),
    ];

    /// <summary>"0.1.0+" and twelve digits of the commit.</summary>
    static string Short(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus
            ? version[..Math.Min(version.Length, plus + 13)]
            : version;

    static string Code(string text) => $"<td><code>{Html.Escape(text)}</code></td>";

    static string Command(StoredRun run)
    {
        var program = run.Settings["program"] ?? "source/PROGRAM.mtl";
        var sets = run.Settings.Overrides.Select(o => $" --set {Quote($"{o.Path}={o.Value}")}");
        var limit = run is { Status: RunStatus.StoppedEarly, Result: { } result }
            ? FormattableString.Invariant($" --max-steps {result.Steps}")
            : "";
        return $"mtlc run {Quote(Path.Combine(run.Root, program))}{string.Concat(sets)}{limit}";
    }

    static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "._=-/,:".Contains(c))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
