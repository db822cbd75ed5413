using System.CommandLine;
using System.CommandLine.Help;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Commands;
using Mtlc.Cli.Commands.Data;
using Mtlc.Cli.Commands.Experiments;
using Mtlc.Cli.Commands.Export;
using Mtlc.Cli.Commands.Gallery;
using Mtlc.Cli.Commands.Mcp;
using Mtlc.Cli.Commands.New;
using Mtlc.Cli.Commands.Snapshots;

namespace Mtlc.Cli;

/// <summary>Every verb, in the order in which people meet them.</summary>
static class Verbs
{
    static readonly (string Word, Func<Verb> Create)[] All =
    [
        ("new", NewCommand.Create),
        ("run", RunCommand.Create),
        ("resume", ResumeCommand.Create),
        ("eval", EvalCommand.Create),
        ("predict", PredictCommand.Create),
        ("export", ExportCommand.Create),
        ("sweep", SweepCommand.Create),
        ("runs", RunsCommand.Create),
        ("compare", CompareCommand.Create),
        ("report", ReportCommand.Create),
        ("check", CheckCommand.Create),
        ("fmt", FmtCommand.Create),
        ("snapshot", SnapshotCommand.Create),
        ("explain", ExplainCommand.Create),
        ("summary", SummaryCommand.Create),
        ("graph", GraphCommand.Create),
        ("plan", PlanCommand.Create),
        ("annotate", AnnotateCommand.Create),
        ("gallery", GalleryCommand.Create),
        ("verify-resume", VerifyResumeCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("lsp", LspCommand.Create),
        ("completion", CompletionCommand.Create),
        ("mcp", McpCommand.Create),
        ("data", Data),
    ];

    /// <param name="word">What the command line begins with: where it is a verb, the others are not made, which would only
    /// delay it.</param>
    public static RootCommand Root(string? word = null)
    {
        var root = new RootCommand(
            "Compiles, trains and evaluates multi-task dense-prediction networks written in the .mtl language"
        );
        foreach (var (_, create) in Array.Exists(All, v => v.Word == word) ? All.Where(v => v.Word == word) : All)
            root.Add(create());
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpPage();
        help.Description = "Show this help.";
        var version = root.Options.OfType<VersionOption>().Single();
        version.Action = new VersionLine();
        version.Description = "Show the version.";
        return root;
    }

    static Verb Data() =>
        new("data", "Render, check, measure and look at data sets")
        {
            DataRenderCommand.Create(),
            DataCheckCommand.Create(),
            DataStatsCommand.Create(),
            DataShowCommand.Create(),
        };
}
