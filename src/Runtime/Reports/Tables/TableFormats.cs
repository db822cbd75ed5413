using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Reports.Tables;

/// <summary>A comparison as Markdown, CSV and JSON.</summary>
public static class TableFormats
{
    /// <param name="extra">More columns, a cell a row.</param>
    public static string Markdown(Comparison comparison, IReadOnlyList<(string Head, ImmutableArray<string> Cells)>? extra = null)
    {
        var hasBaseline = comparison.Baseline >= 0 && comparison.Columns.Length > 0;
        extra ??= [];
        var text = new StringBuilder();
        Line([
            "",
            .. comparison.Columns.Select(c => Escape(ScoreText.Head(c))),
            .. hasBaseline ? ["Δm"] : Array.Empty<string>(),
            .. extra.Select(e => e.Head),
        ]);
        Line([
            "---",
            .. comparison.Columns.Select(_ => "---:"),
            .. hasBaseline ? ["---:"] : Array.Empty<string>(),
            .. extra.Select(_ => "---:"),
        ]);
        foreach (var (row, i) in comparison.Rows.Select((r, i) => (r, i)))
            Line([
                Escape(row.Label) + (row.Runs.IsEmpty ? " (missing)" : ""),
                .. row.Cells.Zip(comparison.Columns, (c, column) => Cell(c, column, row.Runs.Length)),
                .. hasBaseline ? [ScoreText.Percent(row.RelativeChange)] : Array.Empty<string>(),
                .. extra.Select(e => e.Cells[i]),
            ]);
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal);
        static string Cell(ScoreCell cell, MetricMeaning column, int runs)
        {
            var score = ScoreText.Score(cell, column, runs);
            var difference = ScoreText.Difference(cell, column);
            return (cell.IsBest ? $"**{score}**" : score) + (difference.Length == 0 ? "" : $" ({difference})");
        }
    }

    /// <summary>What the rows took, on the mean over their runs.</summary>
    public static string CostsMarkdown(Comparison comparison)
    {
        var known = RunCosts.Known([.. comparison.Rows.SelectMany(r => r.Runs)]);
        return Markdown(
            comparison with
            {
                Columns = [],
                Baseline = -1,
                Rows = [.. comparison.Rows.Select(r => r with { Cells = [] })],
            },
            [.. known.Select(c => (c.Title, comparison.Rows.Select(r => c.Text(RunCosts.Mean(c, r.Runs))).ToImmutableArray()))]
        );
    }

    /// <summary>A run a row, numbers in full, what it took in seconds, bytes and joules: what pandas reads without
    /// cleaning.</summary>
    public static string Csv(Comparison comparison)
    {
        var text = new StringBuilder();
        Line([
            "label",
            "run",
            "model",
            "digest",
            "recipe",
            "status",
            .. RunCosts.All.Select(c => c.Key),
            .. comparison.Columns.Select(c => c.Key),
        ]);
        foreach (var row in comparison.Rows)
        {
            foreach (var run in row.Runs)
                Line([
                    row.Label,
                    run.Root,
                    run.Model,
                    run.Digest,
                    run.Recipe,
                    run.State,
                    .. RunCosts.All.Select(c => Full(c.Of(run))),
                    .. comparison.Columns.Select(c => Full(run.Score(c.Key))),
                ]);
        }
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.Append(Reports.Csv.Row(cells)).Append('\n');
        static string Full(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);
    }

    public static string Json(Comparison comparison)
    {
        using var buffer = new MemoryStream();
        using (
            var json = new Utf8JsonWriter(
                buffer,
                new JsonWriterOptions
                {
                    Indented = true,
                    NewLine = "\n",
                    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        )
        {
            json.WriteStartObject();
            json.WriteStartArray("columns");
            foreach (var column in comparison.Columns)
            {
                json.WriteStartObject();
                json.WriteString("key", column.Key);
                json.WriteString("unit", column.Unit);
                json.WriteString("direction", column.Direction.ToString().ToLowerInvariant());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("rows");
            for (var i = 0; i < comparison.Rows.Length; i++)
                Row(json, comparison, i);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    static void Row(Utf8JsonWriter json, Comparison comparison, int index)
    {
        var row = comparison.Rows[index];
        json.WriteStartObject();
        json.WriteString("label", row.Label);
        json.WriteString("recipe", row.Runs[0].Recipe);
        json.WriteBoolean("baseline", index == comparison.Baseline);
        json.WriteStartArray("runs");
        foreach (var run in row.Runs)
            json.WriteStringValue(run.Root);
        json.WriteEndArray();
        json.WriteStartObject("scores");
        foreach (var (column, cell) in comparison.Columns.Zip(row.Cells))
        {
            json.WriteStartObject(column.Key);
            Number("mean", cell.Mean);
            Number("deviation", cell.Deviation);
            Number("difference", cell.Difference);
            Number("noise", cell.Noise);
            json.WriteBoolean("best", cell.IsBest);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        Number("relative_change_percent", row.RelativeChange);
        json.WriteStartObject("costs");
        foreach (var cost in RunCosts.All)
            Number(cost.Key, RunCosts.Mean(cost, row.Runs));
        json.WriteEndObject();
        json.WriteEndObject();

        void Number(string name, double value)
        {
            if (double.IsFinite(value))
                json.WriteNumber(name, value);
            else
                json.WriteNull(name);
        }
    }
}
