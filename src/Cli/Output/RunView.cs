using System.Diagnostics;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Training;
using Spectre.Console;

namespace Mtlc.Cli.Output;

/// <summary>A run watched in a terminal: one line that moves, and above it a line for each epoch.</summary>
sealed class RunView(Terminal output, ProgressTracker tracker)
{
    static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(100);

    readonly IAnsiConsole console = AnsiConsole.Create(
        new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output.Writer),
            Ansi = AnsiSupport.Yes,
            ColorSystem = output.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        }
    );

    long lastRefresh;
    volatile string? notice;

    /// <summary>Runs the training with the events that keep the line moving; the line is gone when it returns or
    /// throws.</summary>
    /// <param name="stop">Once it is cancelled the line shows <paramref name="stopping"/>.</param>
    public TrainingResult Watch(CancellationToken stop, string stopping, Func<TrainingEvents, TrainingResult> train) =>
        console
            .Live(new Text("starting"))
            .AutoClear(true)
            .Start(live =>
            {
                live.Refresh();
                using var request = stop.Register(() =>
                {
                    notice = stopping;
                    Show(live, stopping, always: true);
                });
                return train(Events(live));
            });

    TrainingEvents Events(LiveDisplayContext live) =>
        new()
        {
            Started = plan =>
            {
                tracker.Start(plan);
                PrintLines(RunSummary.Start(plan).SelectMany(l => Wrapping.Words(l, Columns)), Style.Plain);
                Show(live, ProgressLine.Row(tracker.State, Columns), always: true);
            },
            Stepped = step =>
            {
                tracker.Step(step);
                Show(live, ProgressLine.Row(tracker.State, Columns), always: false);
            },
            Evaluating = (done, all) =>
                Show(live, ProgressLine.Evaluating(tracker.State, done, all, Columns), always: done == all),
            Evaluated = evaluation =>
            {
                tracker.Evaluation(evaluation);
                PrintLines(Wrapping.Parts(tracker.Epoch(evaluation), Columns), Style.Plain);
            },
            Downloading = progress => Show(live, WeightsText.Download(progress), always: progress.Received == progress.Total),
            Pretrained = encoder => PrintLines(Wrapping.Words(WeightsText.Loaded(encoder), Columns), Style.Plain),
            Informed = told => PrintLines(Wrapping.Words(told, Columns), Style.Plain),
            Warned = warning => PrintLines(Wrapping.Words($"warning: {warning}", Columns), new Style(Color.Yellow)),
        };

    // A full row makes some terminals wrap, and so does the ^C that they write behind it.
    static int Columns => Math.Max(Terminal.CurrentColumns() - 3, 1);

    // Padded: the moving line was there before, and its tail would stay.
    void PrintLines(IEnumerable<string> lines, Style style)
    {
        foreach (var line in lines)
            console.Write(new Text(VisibleText.Of(line).PadRight(Columns) + "\n", style));
    }

    void Show(LiveDisplayContext live, string row, bool always)
    {
        if (!always && Stopwatch.GetElapsedTime(lastRefresh) < RefreshInterval)
            return;
        lastRefresh = Stopwatch.GetTimestamp();
        row = VisibleText.Of(notice ?? row);
        live.UpdateTarget(new Text(row.Length <= Columns ? row : row[..Columns], new Style(Color.Aqua)));
    }
}
