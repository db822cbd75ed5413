namespace Mtlc.Cli.Output;

/// <summary>Where training stands after a step.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Done">Steps of the whole run so far.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Losses">The loss of each task, smoothed, in the order of the program.</param>
/// <param name="Left">Time left, once it can be told.</param>
sealed record ProgressState(
    int Epoch,
    int Epochs,
    long Done,
    long Steps,
    IReadOnlyList<(string Task, double Loss)> Losses,
    double ImagesPerSecond,
    TimeSpan? Left
);

/// <summary>The line that shows where training stands: in one row of a terminal, or in full for a log.</summary>
static class ProgressLine
{
    const int LongestBar = 24;
    const int ShortestBar = 4;

    /// <summary>
    /// One row of so many columns. What matters least goes first when there is no room: the bar shrinks, then the speed goes,
    /// then the epoch, then the losses from the last task on; the percentage and the time left stay. </summary>
    public static string Row(ProgressState state, int width)
    {
        var left = state.Left is { } time ? Quantity.Duration(time) : "";
        var losses = state.Losses.Select(l => $"{l.Task} {Quantity.Figures(l.Loss, 3)}").ToList();
        var percent = FormattableString.Invariant($"{Share(state) * 100, 3:F0}%");
        var epoch = $"{state.Epoch}/{state.Epochs}";
        var speed = Speed(state);
        while (true)
        {
            List<string> parts = [epoch, percent, .. losses, speed, left];
            parts.RemoveAll(p => p.Length == 0);
            var room = width - parts.Sum(p => p.Length + 2);
            if (room >= ShortestBar)
                parts.Insert(1, Bar(state, Math.Min(room, LongestBar)));
            if (room + 2 >= 0)
                return string.Join("  ", parts);
            if (speed.Length > 0)
                speed = "";
            else if (epoch.Length > 0)
                epoch = "";
            else if (losses.Count > 0)
                losses.RemoveAt(losses.Count - 1);
            else
                return percent.Trim();
        }
    }

    /// <summary>The row while validation images are scored.</summary>
    public static string Evaluating(ProgressState state, int done, int all, int width)
    {
        var text = $"{state.Epoch}/{state.Epochs}  validating {done}/{all}";
        return text.Length <= width ? text : $"{done}/{all}"[..Math.Min($"{done}/{all}".Length, width)];
    }

    /// <summary>A line of a log: "step  120/1536  epoch  2/12  semseg 1.234  depth 0.456  12.3 images/s  3:07 left".</summary>
    public static string Log(ProgressState state)
    {
        var step = $"{state.Done}".PadLeft($"{state.Steps}".Length);
        var epoch = $"{state.Epoch}".PadLeft($"{state.Epochs}".Length);
        List<string> parts =
        [
            $"step {step}/{state.Steps}",
            $"epoch {epoch}/{state.Epochs}",
            .. state.Losses.Select(l => $"{l.Task} {Quantity.Figures(l.Loss, 4)}"),
            Speed(state).Replace("img/s", "images/s"),
        ];
        if (state.Left is { } time)
            parts.Add($"{Quantity.Duration(time)} left");
        return string.Join("  ", parts.Where(p => p.Length > 0));
    }

    static string Speed(ProgressState state) =>
        state.ImagesPerSecond > 0 ? $"{Quantity.Figures(state.ImagesPerSecond, 3)} img/s" : "";

    static double Share(ProgressState state) => state.Steps == 0 ? 0 : Math.Clamp((double)state.Done / state.Steps, 0, 1);

    static string Bar(ProgressState state, int length)
    {
        var filled = (int)(Share(state) * length);
        return new string('━', filled) + new string('╌', length - filled);
    }
}
