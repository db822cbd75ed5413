using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Cli.Output;

/// <summary>Scores beside what the trivial predictor gets, each with the direction in which it improves.</summary>
static class ScoreTable
{
    /// <summary>Metrics without a detail as a table, the others (IoU of each class, errors by distance) as a list below
    /// it.</summary>
    public static void Write(Terminal terminal, IReadOnlyList<MetricRow> rows)
    {
        var headlines = rows.Where(r => !MetricNames.IsDetail(r.Metric.Key)).ToList();
        var table = Table(headlines, grouped: false);
        (table.Fits(terminal.Width) ? table : Table(headlines, grouped: true)).Write(terminal);
        Details(terminal, [.. rows.Select(r => r.Metric)]);
    }

    /// <param name="grouped">For narrow terminals: the task in a row of its own instead of a column.</param>
    static TextTable Table(IReadOnlyList<MetricRow> rows, bool grouped)
    {
        TableColumn[] columns =
        [
            new("metric"),
            new(""),
            new("score", IsNumber: true),
            new("trivial", IsNumber: true),
            new("", Rank: 1),
        ];
        var table = new TextTable(grouped ? columns : [new("task"), .. columns]);
        var last = "";
        foreach (var (metric, trivial) in rows)
        {
            var (task, name) = MetricNames.Split(metric.Key);
            if (grouped && task != last)
                table.Add(task, "", "", "", "");
            string[] cells =
            [
                grouped ? $" {name}" : name,
                Arrow(metric.Direction),
                Text(metric.Value, metric),
                Text(trivial, metric),
                Verdict(metric, trivial),
            ];
            table.Add(grouped ? cells : [task == last ? "" : task, .. cells]);
            last = task;
        }
        return table;
    }

    /// <summary>Short, for the line of an epoch: "mean IoU 23.41 %".</summary>
    public static string Headline(Metric metric)
    {
        var (task, name) = MetricNames.Split(metric.Key);
        return $"{(task == metric.Key ? task : name)} {Text(metric.Value, metric)}";
    }

    static string Text(double value, Metric metric) =>
        metric.Unit switch
        {
            _ when double.IsNaN(value) => "-",
            _ when metric.Direction == MetricDirection.None => Quantity.Grouped((long)Math.Round(value)),
            "" or "points" => Quantity.Figures(value, 4),
            "%" => FormattableString.Invariant($"{value:F2} %"),
            var unit => $"{Quantity.Figures(value, 4)} {unit}",
        };

    static string Arrow(MetricDirection direction) =>
        direction switch
        {
            MetricDirection.Higher => "↑",
            MetricDirection.Lower => "↓",
            _ => "",
        };

    /// <summary>Scores that read the same count as the same.</summary>
    static string Verdict(Metric metric, double trivial) =>
        (metric.Direction, metric.Value - trivial) switch
        {
            (MetricDirection.None, _) or (_, double.NaN) => "",
            _ when Text(metric.Value, metric) == Text(trivial, metric) => "same",
            (MetricDirection.Higher, > 0) or (MetricDirection.Lower, < 0) => "better",
            _ => "worse",
        };

    static void Details(Terminal terminal, IReadOnlyList<Metric> scores)
    {
        foreach (var group in scores.Where(m => MetricNames.IsDetail(m.Key)).GroupBy(m => m.Key[..m.Key.LastIndexOf('/')]))
        {
            var (task, kind) = MetricNames.Split(group.Key);
            var unit = group.First().Unit;
            terminal.WriteLine();
            terminal.WriteLine(terminal.Style($"{task} {kind}{(unit.Length == 0 ? "" : $" ({unit})")}", Ink.Bold));
            Grid(terminal, [.. group.Select(m => (m.Key[(m.Key.LastIndexOf('/') + 1)..], Detail(m)))]);
        }
    }

    static string Detail(Metric metric) =>
        metric.Unit == "%"
            ? double.IsNaN(metric.Value)
                ? "-"
                : FormattableString.Invariant($"{metric.Value:F1}")
            : Text(metric.Value, metric with { Unit = "" });

    /// <summary>Name and value in as many columns as fit, read downwards.</summary>
    static void Grid(Terminal terminal, IReadOnlyList<(string Name, string Value)> cells)
    {
        const int indent = 2,
            gap = 3;
        var (name, value) = (cells.Max(c => c.Name.Length), cells.Max(c => c.Value.Length));
        var cell = name + 1 + value;
        var columns = Math.Clamp(((terminal.Width ?? 100) - indent + gap) / (cell + gap), 1, 4);
        var rows = (cells.Count + columns - 1) / columns;
        for (var row = 0; row < rows; row++)
        {
            var line = Enumerable
                .Range(0, columns)
                .Select(c => row + c * rows)
                .Where(i => i < cells.Count)
                .Select(i => $"{cells[i].Name.PadRight(name)} {cells[i].Value.PadLeft(value)}");
            terminal.WriteLine(new string(' ', indent) + string.Join(new string(' ', gap), line));
        }
    }
}
