using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Cli.Commands.Data;

/// <summary>`mtlc data stats SOURCE`: depth and class frequencies of the training labels.</summary>
static class DataStatsCommand
{
    public static Verb Create()
    {
        var (source, set) = (DataArgument.Create(), Choices.Set());
        var output = Choices.Out(
            "The JSON file to store them in. Default: statistics.json in the data's folder, or beside its manifest.",
            "FILE"
        );
        var format = Choices.OneOf("--format", "How the statistics are printed.", "table", "table", "json");
        var verb = new Verb(
            "stats",
            "Measure depth and class frequencies of the training labels, and store them",
            "Mean and deviation of depth in each unit that a network may regress, its histogram, and how often each class "
                + "occurs. Training uses "
                + "the stored statistics to standardise depth.",
            "mtlc data stats /data/miniscapes",
            "mtlc data stats branched.mtl --out statistics.json --format json"
        )
        {
            source,
            set,
            output,
            format,
        };
        verb.SetAction(parsed =>
            Run(
                parsed.GetRequiredValue(source),
                parsed.GetRequiredValue(set),
                parsed.GetValue(output),
                parsed.GetRequiredValue(format) == "json"
            )
        );
        return verb;
    }

    static int Run(string source, string[] sets, string? output, bool json)
    {
        if (DataArgument.Recipe(source, sets) is not { } recipe)
            return ExitCode.ProgramErrors;
        var data = DataSources.Open(recipe);
        using var stop = new StopSignals("stopping");
        var statistics = Counter.Watch(
            "samples",
            data.Count(Split.Train),
            count => DataStatistics.Compute(data, progress: count, cancel: stop.Token)
        );
        var file = output ?? (DataSources.Location(recipe) is { } location ? DataStatistics.DefaultPath(location) : null);
        if (file is not null)
            statistics.Save(file);
        if (json)
            Terminal.Output.Writer.WriteLine(statistics.ToJson());
        else
            Write(Terminal.Output, statistics, file);
        return ExitCode.Done;
    }

    static void Write(Terminal output, DataStatistics statistics, string? file)
    {
        output.WriteLine($"{Quantity.Grouped(statistics.Samples)} training samples");
        if (statistics.Depth is { } depth)
        {
            output.WriteLine();
            var table = new TextTable(new("depth"), new("mean", IsNumber: true), new("deviation", IsNumber: true));
            foreach (
                var (name, unit) in ((string, UnitStatistics)[])
                    [("metres", depth.Metres), ("log", depth.Log), ("inverse", depth.Inverse)]
            )
                table.Add(name, Quantity.Figures(unit.Mean, 6), Quantity.Figures(unit.Deviation, 6));
            table.Write(output);
            output.WriteLine(
                $"from {Quantity.Figures(depth.Minimum)} m to {Quantity.Figures(depth.Maximum)} m, a bar a quarter octave:"
            );
            var bars = depth
                .Histogram.Select((n, i) => (Pixels: (double)n, From: depth.HistogramEdges[i], To: depth.HistogramEdges[i + 1]))
                .SkipWhile(b => b.Pixels == 0)
                .Reverse()
                .SkipWhile(b => b.Pixels == 0)
                .Reverse()
                .ToArray();
            if (bars.Length > 0)
                output.WriteLine(
                    $"{Quantity.Figures(bars[0].From)} m {Sparkline.Of([.. bars.Select(b => b.Pixels)], 64)} "
                        + $"{Quantity.Figures(bars[^1].To)} m"
                );
        }
        if (statistics.Classes.Length > 0)
        {
            output.WriteLine();
            var table = new TextTable(
                new("class"),
                new("share", IsNumber: true),
                new("samples", IsNumber: true),
                new TableColumn("pixels", IsNumber: true, Rank: 1)
            );
            foreach (var name in statistics.Classes)
            {
                table.Add(
                    name.Name,
                    FormattableString.Invariant($"{name.Frequency * 100:F2} %"),
                    Quantity.Grouped(name.Samples),
                    Quantity.Grouped(name.Pixels)
                );
            }
            table.Write(output);
        }
        if (file is not null)
        {
            output.WriteLine();
            output.WriteLine($"stored in {file}");
        }
    }
}
