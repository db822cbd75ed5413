using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Experiments;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Reports.Page;
using Mtlc.Runtime.Reports.Tables;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>`mtlc report RUNS...`: one page, or its table.</summary>
static class ReportCommand
{
    public static Verb Create()
    {
        var folders = new Argument<string[]>("RUNS")
        {
            Description = "Run directories, or folders with runs.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = Choices.Out("Where to write. Default: report.html for the page, the terminal for tables.", "FILE");
        var baseline = new Option<string?>("--baseline")
        {
            HelpName = "RUN",
            Description = "The run that differences and Δm refer to, by path or folder name.",
        };
        var title = new Option<string?>("--title")
        {
            HelpName = "TEXT",
            Description = "The page's title. Default: the names of the models.",
        };
        var format = Choices.OneOf(
            "--format",
            "html: the whole page; md, csv, json: the tables of scores and of what the runs took.",
            "html",
            "html",
            "md",
            "csv",
            "json"
        );
        var set = Choices.Set();
        var verb = new Verb(
            "report",
            "Lay out runs as one page: tables, curves, samples, networks, recipes",
            """
            The page is one file that needs no network and no server. Runs that differ in the seed alone share a row, with
            the standard deviation, from which the noise of differences is taken.
            """,
            "mtlc report runs/study --out study.html --baseline runs/study/3f2a9c1d0b7e",
            "mtlc report runs/a runs/b --format md  # a table for a README",
            "mtlc report examples/report/report.mtl runs  # the tables and figures that the file declares",
            "mtlc report runs --format csv > scores.csv  # for pandas"
        )
        {
            folders,
            output,
            baseline,
            title,
            set,
            format,
        };
        verb.SetAction(parsed =>
        {
            if (
                parsed.GetRequiredValue(folders) is [var plan, .. var places]
                && plan.EndsWith(".mtl", StringComparison.OrdinalIgnoreCase)
            )
                return Planned(
                    plan,
                    places.Length > 0 ? places : ["runs"],
                    parsed.GetRequiredValue(set),
                    parsed.GetRequiredValue(format),
                    parsed.GetValue(output)
                );
            var runs = StoredRuns.Find(parsed.GetRequiredValue(folders));
            if (runs.Count == 0)
                throw Failure.InputOutput(
                    $"there are no runs in {string.Join(", ", parsed.GetRequiredValue(folders))}",
                    "'mtlc run FILE' makes one"
                );
            var reference = parsed.GetValue(baseline) is { } name ? StoredRuns.Pick(name, runs, "--baseline") : null;
            var chosen = parsed.GetRequiredValue(format);
            var text = chosen switch
            {
                "md" => Comparison.Of(runs, reference) is var table
                    ? $"{TableFormats.Markdown(table)}\n{TableFormats.CostsMarkdown(table)}"
                    : "",
                "csv" => TableFormats.Csv(Comparison.Of(runs, reference, Comparison.AllScores(runs))),
                "json" => TableFormats.Json(Comparison.Of(runs, reference, Comparison.AllScores(runs))),
                _ => ReportPage.Write(
                    parsed.GetValue(title) ?? string.Join(", ", runs.Select(r => r.Model).Distinct().Take(5)),
                    runs,
                    reference
                ),
            };
            return Write(
                text,
                parsed.GetValue(output),
                chosen == "html",
                FormattableString.Invariant($"{runs.Count} run{(runs.Count == 1 ? "" : "s")}")
            );
        });
        return verb;
    }

    /// <summary>The tables and figures that a file declares.</summary>
    static int Planned(string file, IReadOnlyList<string> places, IReadOnlyList<string> sets, string format, string? output)
    {
        if (format is "csv" or "json")
            throw Failure.Usage(
                $"a declared report is written as html or md, not as {format}",
                "for numbers: mtlc report RUNS --format csv"
            );
        var compilation = ReportPlan.Compile(UserText.Read(file), UserText.TryRead, sets);
        var error = Terminal.Error;
        error.Writer.Write(
            DiagnosticText.Of(
                compilation.Diagnostics,
                compilation.Suppressed,
                DiagnosticFormat.Human,
                error.HasColor,
                error.Width ?? 120
            )
        );
        if (compilation.Plan is not { } plan)
            return ExitCode.ProgramErrors;
        var runs = StoredRuns.Find(places.Where(Directory.Exists));
        return Write(
            format == "md" ? PlannedReport.Markdown(plan, runs) : PlannedReport.Write(plan, runs),
            output,
            format == "html",
            FormattableString.Invariant($"{plan.Items.Length} tables and figures from {runs.Count} runs")
        );
    }

    static int Write(string text, string? output, bool isPage, string what)
    {
        if ((output ?? (isPage ? "report.html" : null)) is not { } file)
        {
            Terminal.Output.Writer.Write(text);
            return ExitCode.Done;
        }
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(file, text);
        Terminal.Output.WriteLine($"{file}: {what}");
        return ExitCode.Done;
    }
}
