using System.CommandLine;
using System.Globalization;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>`mtlc runs [DIR...]`: what is on disk.</summary>
static class RunsCommand
{
    public static Verb Create()
    {
        var folders = new Argument<string[]>("DIR")
        {
            Description = "Folders with runs. Default: runs.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var where = new Option<string[]>("--where")
        {
            HelpName = "KEY=VALUE",
            Description = "Only runs with this setting or score; also !=, <, <=, >, >= and ~ (contains). May be repeated.",
            DefaultValueFactory = _ => [],
        };
        var sort = new Option<string?>("--sort")
        {
            HelpName = "KEY",
            Description = "Sort by a setting or score, the smallest first. Default: the last change.",
        };
        var reverse = new Option<bool>("--reverse") { Description = "The other way round." };
        var format = Choices.OneOf("--format", "How the list is printed.", "table", "table", "csv", "json", "jsonl");
        var verb = new Verb(
            "runs",
            "List, filter and sort the runs on disk",
            """
            Keys are 'name', 'model', 'state' (finished, 'stopped early', running, stopped, interrupted, diverged),
            'changed', every setting as in config.yaml (train.optimizer.lr), every metric as in metrics.csv
            (semseg/mean_iou, multitask), at the last evaluation, and what a run took: 'parameters', 'multiply_adds',
            'steps', 'step_time', 'images_per_second', 'time', 'memory', 'gpu_memory', 'energy' (seconds, bytes, joules).
            """,
            "mtlc runs",
            "mtlc runs runs/lr-sweep --where state=finished --sort multitask --reverse",
            "mtlc runs --where model=branched --where 'train.optimizer.lr<1e-3' --format csv > branched.csv",
            "mtlc runs --format jsonl > runs.jsonl  # pandas.read_json(\"runs.jsonl\", lines=True)"
        )
        {
            folders,
            where,
            sort,
            reverse,
            format,
        };
        verb.SetAction(parsed =>
        {
            var given = parsed.GetValue(folders) is { Length: > 0 } some ? some : ["runs"];
            var filters = parsed.GetRequiredValue(where).Select(RunFilter.Parse).ToList();
            var runs = Sorted(
                [.. StoredRuns.Find(given).Where(r => filters.TrueForAll(f => f.Accepts(r)))],
                parsed.GetValue(sort),
                parsed.GetValue(reverse)
            );
            switch (parsed.GetRequiredValue(format))
            {
                case "csv":
                    Terminal.Output.Writer.Write(TableFormats.Csv(Comparison.Of(runs, null, Comparison.AllScores(runs))));
                    break;
                case "json":
                    JsonText.Write(Terminal.Output, json => WriteJson(json, runs));
                    break;
                case "jsonl":
                    runs.ForEach(r => Terminal.Output.Writer.WriteLine(RunLine.Of(r)));
                    break;
                default:
                    Write(Terminal.Output, runs);
                    break;
            }
            return ExitCode.Done;
        });
        return verb;
    }

    static List<StoredRun> Sorted(List<StoredRun> runs, string? key, bool reverse)
    {
        if (key is null)
            return [.. reverse ? runs.OrderByDescending(r => r.Changed) : runs.OrderBy(r => r.Changed)];
        // What has no such value comes last, in both directions.
        var keyed = runs.Select(r => (Run: r, Text: RunFilter.Read(r, key), Number: Number(RunFilter.Read(r, key))))
            .OrderBy(r => r.Text.Length == 0);
        var sorted = reverse
            ? keyed.ThenByDescending(r => r.Number).ThenByDescending(r => r.Text, StringComparer.Ordinal)
            : keyed.ThenBy(r => r.Number).ThenBy(r => r.Text, StringComparer.Ordinal);
        return [.. sorted.Select(r => r.Run)];
    }

    static double Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    static void Write(Terminal output, List<StoredRun> runs)
    {
        if (runs.Count == 0)
        {
            output.WriteLine("no runs");
            return;
        }
        var columns = Comparison.Headlines(runs).Select(MetricCatalog.Of).ToList();
        var table = new TextTable([
            new("run"),
            new TableColumn("model", Rank: 4),
            new TableColumn("state", Rank: 3),
            new TableColumn("epoch", IsNumber: true, Rank: 5),
            .. columns.Select((c, i) => new TableColumn(ScoreText.Head(c), IsNumber: true, Rank: i == 0 ? 0 : 1)),
            new TableColumn("time", IsNumber: true, Rank: 2),
            new TableColumn("changed (UTC)", Rank: 6),
        ]);
        foreach (var run in runs)
        {
            table.Add([
                run.Root,
                run.Model,
                run.State,
                Epochs(run),
                .. columns.Select(c => ScoreText.Number(run.Score(c.Key), c)),
                run.Result is { } result ? Quantity.Duration(TimeSpan.FromSeconds(result.Seconds)) : "-",
                run.Changed.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            ]);
        }
        table.Write(output);
    }

    static string Epochs(StoredRun run) =>
        $"{(run.Metrics["epoch"] is { Length: > 0 } epochs ? epochs[^1] : 0).ToString(CultureInfo.InvariantCulture)}/{run.Settings["train.epochs"] ?? "?"}";

    static void WriteJson(System.Text.Json.Utf8JsonWriter json, List<StoredRun> runs)
    {
        json.WriteStartArray("runs");
        foreach (var run in runs)
        {
            json.WriteStartObject();
            json.WriteString("directory", run.Root);
            json.WriteString("model", run.Model);
            json.WriteString("state", run.State);
            json.WriteString("digest", run.Digest);
            json.WriteString("recipe", run.Recipe);
            json.WriteStartObject("settings");
            foreach (var (key, value) in run.Settings.Recipe)
                json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteStartObject("scores");
            foreach (var key in run.Keys)
                json.Number(key, run.Score(key));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
