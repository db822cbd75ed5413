using System.Diagnostics;
using System.Globalization;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Experiments;
using Mtlc.Runtime.Experiments;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>A sweep before the user's eyes: a table that moves in a terminal, a line a change elsewhere, and the final
/// table.</summary>
sealed class SweepView(Terminal output, SweepFolder folder, SweepQueue queue, IReadOnlyDictionary<string, long?> steps)
{
    const int MostRows = 20;
    readonly Lock gate = new();
    readonly long began = Stopwatch.GetTimestamp();
    int drawn;

    /// <summary>A point's state has changed.</summary>
    public void Changed(SweepPoint point)
    {
        if (output.IsInteractive)
            return;
        var (state, message) = queue.StatusOf(point);
        lock (gate)
        {
            output.WriteLine(
                $"point {point.Number}{(folder.Plan.Points.Length == 1 ? "" : $"/{folder.Plan.Points.Length}")}  {State(state)}  "
                    + $"{point.Label}{(message is null ? "" : $"  ({message})")}"
            );
            output.Writer.Flush();
        }
    }

    /// <summary>Draws the running points over what was drawn before; only in a terminal.</summary>
    public void Draw()
    {
        if (!output.IsInteractive)
            return;
        var width = Terminal.CurrentColumns() - 1;
        var lines = new List<string>();
        foreach (
            var point in folder
                .Plan.Points.DistinctBy(p => p.Digest.Run)
                .Where(p => queue.StatusOf(p).State is PointState.Running or PointState.Locked)
                .Take(MostRows)
        )
            lines.Add(Line(point));
        var (done, all) = (queue.Done, folder.Digests.Length);
        lines.Add(
            $"{done} of {all} done, "
                + $"{(folder.Plan.Halving is null ? "" : $"{queue.Count(PointState.StoppedEarly)} stopped early, ")}"
                + $"{queue.Count(PointState.Failed)} failed, {queue.Count(PointState.Waiting)} waiting, "
                + $"{Quantity.Duration(Stopwatch.GetElapsedTime(began))} so far"
        );
        lock (gate)
        {
            Erase();
            foreach (var line in lines)
                output.WriteLine(line.Length <= width ? line : $"{line.AsSpan(0, width - 1)}…");
            output.Writer.Flush();
            drawn = lines.Count;
        }
    }

    public void Erase()
    {
        if (drawn > 0)
            output.Writer.Write($"\e[{drawn.ToString(CultureInfo.InvariantCulture)}A\e[J");
        drawn = 0;
    }

    string Line(SweepPoint point)
    {
        var name = $"{point.Number, 3}  {State(queue.StatusOf(point).State), -8}";
        try
        {
            if (folder.Run(point.Digest.Run) is not { } run || run.Resources.Rows.Count == 0)
                return $"{name}  {point.Label}";
            var (step, seconds) = (run.Steps["step"] is { Length: > 0 } s ? s[^1] : 0, run.Resources["seconds"][^1]);
            var all = queue.LimitOf(point) ?? steps.GetValueOrDefault(point.Digest.Run);
            var left =
                all is { } a && step > 0
                    ? $"  {Quantity.Duration(TimeSpan.FromSeconds(seconds / step * Math.Max(0, a - step)))} left"
                    : "";
            var scores = string.Concat(
                Comparison
                    .Headlines([run])
                    .Take(3)
                    .Select(k => $"  {MetricCatalog.Of(k).Title} {ScoreText.Number(run.Score(k), MetricCatalog.Of(k))}")
            );
            var epoch = run.Steps["epoch"] is { Length: > 0 } e ? e[^1] : 0;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{name}  {point.Label}  epoch {epoch:0}/{point.Program.Train.Epochs}  step "
                    + $"{step:0}{(all is { } n ? $"/{n}" : "")}{left}{scores}"
            );
        }
        catch (IOException)
        {
            return $"{name}  {point.Label}"; // being written at this moment
        }
    }

    /// <summary>Every point with its settings, state and scores. Times are left out: they differ from run to run.</summary>
    public void WriteEnd()
    {
        var runs = folder.Plan.Points.ToDictionary(
            p => p.Number,
            p => queue.StatusOf(p).State == PointState.Failed ? null : Stored(p)
        );
        var stored = runs.Values.OfType<StoredRun>().DistinctBy(r => r.Root).ToList();
        var halves = folder.Plan.Halving is not null;
        var columns = Comparison.Headlines(stored).Select(MetricCatalog.Of).ToList();
        var table = new TextTable([
            new("point", IsNumber: true),
            .. folder.Plan.Paths.Select(p => new TableColumn(p)),
            new("state"),
            .. halves ? [new TableColumn("epochs", IsNumber: true)] : Array.Empty<TableColumn>(),
            .. columns.Select((c, i) => new TableColumn(ScoreText.Head(c), IsNumber: true, Rank: i == 0 ? 0 : 1)),
            new TableColumn("folder", Rank: 2),
        ]);
        foreach (var point in folder.Plan.Points)
        {
            table.Add([
                point.Number.ToString(CultureInfo.InvariantCulture),
                .. point.Settings.Select(s => s.Label),
                point.Same is { } same ? SameAs(same) : State(queue.StatusOf(point).State),
                .. halves
                    ?
                    [
                        runs[point.Number]?.Metrics["epoch"] is [.., var epoch]
                            ? epoch.ToString(CultureInfo.InvariantCulture)
                            : "–",
                    ]
                    : Array.Empty<string>(),
                .. columns.Select(c => runs[point.Number] is { } run ? ScoreText.Number(run.Score(c.Key), c) : "–"),
                Path.GetFileName(folder.DirectoryOf(point)),
            ]);
        }
        table.Write(output);
        foreach (var point in folder.Plan.Points.Where(p => queue.StatusOf(p) is { Message: not null }))
            output.WriteText($"point {point.Number}: {queue.StatusOf(point).Message}");
    }

    StoredRun? Stored(SweepPoint point)
    {
        try
        {
            return folder.Run(point.Digest.Run);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>What stands for the state of a point whose recipe another has, too.</summary>
    public static string SameAs(int point) => string.Create(CultureInfo.InvariantCulture, $"as point {point}");

    static string State(PointState state) =>
        state switch
        {
            PointState.Locked => "waits for another process",
            PointState.StoppedEarly => "stopped early",
            _ => state.ToString().ToLowerInvariant(),
        };
}
