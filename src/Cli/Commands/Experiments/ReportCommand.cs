using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Reports.Page;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>`mtlc report RUNS...`: one page, or its table.</summary>
internal static class ReportCommand
{
    public static Verb Create()
    {
        var folders = new Argument<string[]>("RUNS") { Description = "Run directories, or folders with runs.", Arity = ArgumentArity.OneOrMore };
        var output = Choices.Out("Where to write. Default: report.html for the page, the terminal for tables.", "FILE");
        var baseline = new Option<string?>("--baseline") { HelpName = "RUN", Description = "The run that differences and Δm refer to, by path or folder name." };
        var title = new Option<string?>("--title") { HelpName = "TEXT", Description = "The page's title. Default: the names of the models." };
        var format = Choices.OneOf("--format", "html: the whole page; md, csv, json: the table of scores.", "html", "html", "md", "csv", "json");
        var verb = new Verb("report", "Lay out runs as one page: tables, curves, samples, networks, recipes",
            """
            The page is one file that needs no network and no server. Runs that differ in the seed alone share a row, with the standard deviation, from
            which the noise of differences is taken.
            """,
            "mtlc report runs/study --out study.html --baseline runs/study/3f2a9c1d0b7e",
            "mtlc report runs/a runs/b --format md  # a table for a README",
            "mtlc report runs --format csv > scores.csv  # for pandas")
        { folders, output, baseline, title, format };
        verb.SetAction(parsed =>
        {
            var runs = StoredRuns.Find(parsed.GetRequiredValue(folders));
            if (runs.Count == 0)
                throw Failure.InputOutput($"there are no runs in {string.Join(", ", parsed.GetRequiredValue(folders))}", "'mtlc run FILE' makes one");
            var reference = parsed.GetValue(baseline) is { } name ? StoredRuns.Pick(name, runs, "--baseline") : null;
            var chosen = parsed.GetRequiredValue(format);
            var text = chosen switch
            {
                "md" => TableFormats.Markdown(Comparison.Of(runs, reference)),
                "csv" => TableFormats.Csv(Comparison.Of(runs, reference, Comparison.AllScores(runs))),
                "json" => TableFormats.Json(Comparison.Of(runs, reference, Comparison.AllScores(runs))),
                _ => ReportPage.Write(parsed.GetValue(title) ?? string.Join(", ", runs.Select(r => r.Model).Distinct().Take(5)), runs, reference),
            };
            var file = parsed.GetValue(output) ?? (chosen == "html" ? "report.html" : null);
            if (file is null)
            {
                Terminal.Output.Writer.Write(text);
                return ExitCode.Done;
            }
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
                Directory.CreateDirectory(folder);
            File.WriteAllText(file, text);
            Terminal.Output.WriteLine($"{file}: {runs.Count} run{(runs.Count == 1 ? "" : "s")}");
            return ExitCode.Done;
        });
        return verb;
    }
}
