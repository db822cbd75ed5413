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
    public static RootCommand Root()
    {
        var root = new RootCommand(
            "Compiles, trains and evaluates multi-task dense-prediction networks written in the .mtl language"
        )
        {
            NewCommand.Create(),
            RunCommand.Create(),
            ResumeCommand.Create(),
            EvalCommand.Create(),
            PredictCommand.Create(),
            ExportCommand.Create(),
            SweepCommand.Create(),
            RunsCommand.Create(),
            CompareCommand.Create(),
            ReportCommand.Create(),
            CheckCommand.Create(),
            FmtCommand.Create(),
            SnapshotCommand.Create(),
            ExplainCommand.Create(),
            SummaryCommand.Create(),
            GraphCommand.Create(),
            PlanCommand.Create(),
            AnnotateCommand.Create(),
            GalleryCommand.Create(),
            VerifyResumeCommand.Create(),
            DoctorCommand.Create(),
            LspCommand.Create(),
            CompletionCommand.Create(),
            McpCommand.Create(),
            Data(),
        };
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
