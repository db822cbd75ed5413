using System.CommandLine;
using ModelContextProtocol.Server;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;

namespace Mtlc.Cli.Commands.Mcp;

/// <summary>`mtlc mcp`: this command's verbs as tools for agents, over standard input and output.</summary>
static class McpCommand
{
    const string Instructions =
        "mtlc compiles, trains and evaluates multi-task dense-prediction networks written in .mtl. Read the page 'language' "
        + "of the manual before writing a program; "
        + "check a program after every change, and explain the codes of its errors. All paths lie in the server's folder.";

    public static Verb Create()
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "The folder that the tools read and write in. Default: this folder.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => ".",
        };
        var verb = new Verb(
            "mcp",
            "Serve check, run, report and others to agents, by the Model Context Protocol",
            """
            Speaks on standard input and output until the input ends: a client such as an editor's assistant starts it. The
            tools are check, summary, plan, graph, annotate, explain, manual, run and report. Answers are bounded, paths
            have to lie in the folder, and nothing is written outside it.
            """,
            "mtlc mcp networks",
            "claude mcp add mtlc -- mtlc mcp  # in the folder of your networks"
        )
        {
            folder,
        };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var path = parsed.GetRequiredValue(folder);
                if (!Directory.Exists(path))
                    throw Failure.InputOutput($"there is no folder '{path}'");
                var version = VersionLine.Text["mtlc ".Length..];
                var options = new McpServerOptions
                {
                    ServerInfo = new() { Name = "mtlc", Version = version },
                    ServerInstructions = Instructions,
                    ToolCollection = [.. McpTools.For(new Workplace(path))],
                };
                await using var transport = new StdioServerTransport("mtlc");
                await using var server = McpServer.Create(transport, options);
                await server.RunAsync(cancel).ConfigureAwait(false);
                return ExitCode.Done;
            }
        );
        return verb;
    }
}
