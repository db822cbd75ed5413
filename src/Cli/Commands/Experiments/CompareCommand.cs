using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Views;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>`mtlc compare A B`: what differs between two programs or runs.</summary>
static class CompareCommand
{
    /// <param name="Run">null for a program that was not run.</param>
    sealed record Side(string Name, CompiledProgram? Program, StoredRun? Run);

    public static Verb Create()
    {
        var first = new Argument<string>("A") { Description = "A program (.mtl) or a run directory." };
        var second = new Argument<string>("B") { Description = "Another." };
        var verb = new Verb(
            "compare",
            "Show what differs between two programs or runs",
            "The graph, declaration by declaration with the parameters each accounts for; the recipe; the source; and, of two "
                + "runs, the scores.",
            "mtlc compare examples/joint.mtl examples/branched.mtl",
            "mtlc compare runs/first runs/second"
        )
        {
            first,
            second,
        };
        verb.SetAction(parsed =>
        {
            var (a, b) = (Open(parsed.GetRequiredValue(first)), Open(parsed.GetRequiredValue(second)));
            if (a is null || b is null)
                return ExitCode.ProgramErrors;
            Write(Terminal.Output, a, b);
            return ExitCode.Done;
        });
        return verb;
    }

    /// <returns>null after the program's errors went to stderr.</returns>
    static Side? Open(string path)
    {
        if (Directory.Exists(path))
        {
            var run = StoredRun.Open(path);
            return new(path, StoredProgram.Compile(run), run);
        }
        return Programs.Compile(path, []) is { } program ? new(path, program, null) : null;
    }

    static void Write(Terminal output, Side a, Side b)
    {
        output.WriteLine($"- {a.Name}");
        output.WriteLine($"+ {b.Name}");
        if (a.Program is { } first && b.Program is { } second)
        {
            var (one, other) = (RecipeDigest.Of(first), RecipeDigest.Of(second));
            output.WriteLine();
            output.WriteText(
                one.Run == other.Run ? "The same experiment: both have the digest " + RecipeDigest.Short(one.Run)
                : one.Recipe == other.Recipe ? "The same recipe with another seed."
                : "Different experiments."
            );
            Graphs(output, first, second);
            Recipes(output, first, second);
            Sources(output, Text(first), Text(second));
        }
        else
        {
            output.WriteText(
                "The copy of a run's program is missing or does not compile with this version: graphs are not compared.",
                Ink.Yellow
            );
        }
        if (a.Run is { } left && b.Run is { } right)
            Scores(output, left, right);
    }

    static void Graphs(Terminal output, CompiledProgram first, CompiledProgram second)
    {
        var difference = ModelDifference.Between(first.Model, second.Model, second.Data.Augment.Crop);
        Head(output, "Graph");
        foreach (var task in difference.Tasks)
            output.WriteLine(Colored(output, task));
        var table = new TextTable(
            new("", Rank: 0),
            new("declaration"),
            new TableColumn("kind", Rank: 2),
            new("parameters", IsNumber: true),
            new("change", IsNumber: true)
        );
        var changed = difference.Declarations.Where(d => d.Change != DeclarationChange.Same).ToList();
        foreach (var d in changed)
        {
            var sign = d.Change switch
            {
                DeclarationChange.Added => "+",
                DeclarationChange.Removed => "-",
                _ => "~",
            };
            table.Add(
                sign,
                d.Name,
                d.Kind,
                Quantity.Grouped(d.Change == DeclarationChange.Removed ? d.Before : d.After),
                Signed(d.After - d.Before)
            );
        }
        if (changed.Count == 0)
            output.WriteLine("the same");
        table.BeginTotals();
        var (before, after) = (first.Model.Training.TrainableCount, second.Model.Training.TrainableCount);
        table.Add("", "total", "", Quantity.Grouped(after), Signed(after - before));
        if (changed.Count > 0)
            table.Write(output);
        foreach (var d in changed.Where(d => d.Details.Length > 0))
            output.WriteText($"{d.Name}: {string.Join("; ", d.Details)}");
        var (loss, newLoss) = (ObjectiveText.Write(first.Model.Objective), ObjectiveText.Write(second.Model.Objective));
        if (loss != newLoss)
        {
            output.WriteLine(Colored(output, $"- loss: {loss}"));
            output.WriteLine(Colored(output, $"+ loss: {newLoss}"));
        }
    }

    static void Recipes(Terminal output, CompiledProgram first, CompiledProgram second)
    {
        var (a, b) = (Settings(first), Settings(second));
        var differing = a.Keys.Union(b.Keys).Where(k => a.GetValueOrDefault(k) != b.GetValueOrDefault(k)).ToList();
        Head(output, "Recipe");
        if (differing.Count == 0)
        {
            output.WriteLine("the same");
            return;
        }
        var table = new TextTable(new("setting"), new("A"), new("B"));
        foreach (var key in differing)
            table.Add(key, a.GetValueOrDefault(key, "-"), b.GetValueOrDefault(key, "-"));
        table.Write(output);
    }

    static Dictionary<string, string> Settings(CompiledProgram program) =>
        CanonicalText.Settings(program).ToDictionary(s => s.Path, s => s.Value, StringComparer.Ordinal);

    static void Sources(Terminal output, string before, string after)
    {
        var lines = LineDifference.Between(before, after);
        Head(output, "Source");
        if (lines.Count == 0)
            output.WriteLine("the same");
        foreach (var line in lines)
            output.WriteLine(Colored(output, line));
    }

    static void Scores(Terminal output, StoredRun a, StoredRun b)
    {
        StoredRun[] runs = [a, b];
        Head(output, "Scores at the last evaluation");
        var table = new TextTable(
            new("metric"),
            new(""),
            new("A", IsNumber: true),
            new("B", IsNumber: true),
            new("B - A", IsNumber: true),
            new TableColumn("", Rank: 1)
        );
        foreach (var metric in Comparison.AllScores(runs).Select(MetricCatalog.Of))
        {
            var (left, right) = (a.Score(metric.Key), b.Score(metric.Key));
            var better = (metric.Direction == MetricDirection.Lower ? left - right : right - left) switch
            {
                > 0 => "better",
                < 0 => "worse",
                0 => "same",
                _ => "",
            };
            table.Add(
                metric.FullTitle,
                ScoreText.Arrow(metric.Direction),
                ScoreText.Number(left, metric),
                ScoreText.Number(right, metric),
                ScoreText.Signed(right - left, metric),
                better
            );
        }
        table.Write(output);
    }

    /// <summary>Every file of the program; those that both share vanish from the difference.</summary>
    static string Text(CompiledProgram program) =>
        string.Join(
            "\n",
            program.Sources.Select((s, i) => (i == 0 ? "" : $"# {Path.GetFileName(s.Path)}\n") + s.Content.TrimEnd())
        );

    static void Head(Terminal output, string title)
    {
        output.WriteLine();
        output.WriteLine(output.Style(title, Ink.Bold));
    }

    static string Colored(Terminal output, string line) =>
        line switch
        {
            ['-', ..] => output.Style(line, Ink.Red),
            ['+', ..] => output.Style(line, Ink.Green),
            _ => line,
        };

    static string Signed(long number) => number > 0 ? "+" + Quantity.Grouped(number) : Quantity.Grouped(number);
}
