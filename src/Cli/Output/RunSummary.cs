using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Output;

/// <summary>What stands before and after a run's progress.</summary>
static class RunSummary
{
    const int WidestCurve = 32;
    const int ShortestCurve = 4;
    const int MostNames = 100;

    public static IReadOnlyList<string> Start(RunPlan plan)
    {
        var resumed = plan.FirstStep > 0 ? $", continued after step {Quantity.Grouped(plan.FirstStep)}" : "";
        return
        [
            $"{Quantity.Grouped(plan.TrainableParameters)} parameters on {plan.Device}",
            $"{Quantity.Grouped(plan.TrainingSamples)} images to learn from, "
                + $"{Quantity.Grouped(plan.ValidationSamples)} to validate",
            $"{Quantity.Grouped(plan.Steps)} steps, {Quantity.Grouped(plan.StepsPerEpoch)} an epoch{resumed}",
            $"run directory {plan.Directory}",
        ];
    }

    public static void WriteStart(Terminal output, RunPlan plan)
    {
        foreach (var line in Start(plan))
            output.WriteLine(line);
    }

    /// <param name="page">Where a tracker shows the run.</param>
    public static void WriteEnd(Terminal output, TrainingResult result, ProgressTracker tracker, string? page)
    {
        output.WriteLine();
        foreach (var line in Outcome(result))
            output.WriteText(line);
        Curves(output, tracker);
        if (result.Last is { } last)
        {
            output.WriteLine();
            var text =
                $"Validation on {Quantity.Grouped(last.Images)} images after step {Quantity.Grouped(last.Step)}, "
                + "beside the best that can be predicted without looking (trivial)";
            output.WriteText(text, Ink.Bold);
            output.WriteLine();
            ScoreTable.Write(output, last.Rows);
        }
        output.WriteLine();
        if (result.Last?.Picture is { } picture)
            output.WriteLine($"samples        {picture}");
        output.WriteLine($"run directory  {result.Directory}");
        if (page is not null)
            output.WriteLine($"tracked at     {page}");
    }

    static IEnumerable<string> Outcome(TrainingResult result)
    {
        var steps = $"{Quantity.Grouped(result.Steps)} steps";
        var time = $"in {Quantity.Duration(result.Duration)}";
        yield return result.Outcome switch
        {
            TrainingOutcome.Completed => $"Trained {steps} {time}.",
            TrainingOutcome.StepLimit => $"Trained {steps} {time} and stopped there, as --max-steps asked.",
            TrainingOutcome.Stopped =>
                $"Stopped on request after {steps} {time}; everything is saved. 'mtlc resume {result.Directory}' continues.",
            TrainingOutcome.Diverged => $"Diverged after {steps}: {result.Message ?? "losses are not finite"}.",
            _ => throw new ArgumentOutOfRangeException(nameof(result)),
        };
        if (result.Skipped > 0)
            yield return $"Steps skipped because a loss or gradient was not finite: {Quantity.Grouped(result.Skipped)}.";
        if (result.CorruptSamples.Length > 0)
        {
            yield return $"Samples skipped because they cannot be read: {Quantity.Grouped(result.CorruptSamples.Length)}.";
            foreach (var reason in result.CorruptSamples.Take(MostNames))
                yield return $"- {reason}";
            if (result.CorruptSamples.Length > MostNames)
                yield return $"- and {Quantity.Grouped(result.CorruptSamples.Length - MostNames)} more; 'mtlc data check' "
                    + $"lists them all";
        }
    }

    static void Curves(Terminal output, ProgressTracker tracker)
    {
        if (tracker.LossCurve.Count < 2)
            return;
        List<(string Name, IReadOnlyList<double> Values)> curves = [("training loss", tracker.LossCurve)];
        if (tracker.Evaluations.Count > 1)
        {
            var headlines = tracker
                .Evaluations.Select(e => ProgressTracker.Headlines(e).ToDictionary(m => m.Key, m => m.Value))
                .ToList();
            curves.AddRange(
                headlines[0]
                    .Keys.Select(key =>
                        (Label(key), (IReadOnlyList<double>)[.. headlines.Select(h => h.GetValueOrDefault(key, double.NaN))])
                    )
            );
        }
        var lines = curves.Select(c => (c.Name, c.Values, Ends: Ends(c.Values))).ToList();
        var (name, ends) = (lines.Max(c => c.Name.Length), lines.Max(c => c.Ends.Length));
        var room = Math.Min((output.Width ?? 100) - name - ends - 4, WidestCurve);
        output.WriteLine();
        foreach (var line in lines)
        {
            var curve = room >= ShortestCurve ? $"{Sparkline.Of(line.Values, room)}  " : "";
            output.WriteLine($"{line.Name.PadRight(name)}  {curve}{line.Ends}");
        }
    }

    /// <summary>Where the curve begins and ends, averaged as its own points are: single steps are noise.</summary>
    static string Ends(IReadOnlyList<double> values)
    {
        var group = Math.Max(1, values.Count / WidestCurve);
        return $"{Quantity.Figures(values.Take(group).Average(), 3)} -> {Quantity.Figures(values.TakeLast(group).Average(), 3)}";
    }

    static string Label(string key)
    {
        var (task, name) = MetricNames.Split(key);
        return $"{task} {name}";
    }
}
