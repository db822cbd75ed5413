using System.ComponentModel;
using System.Globalization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Mtlc.Cli.Errors;

namespace Mtlc.Cli.Commands.Mcp;

/// <summary>What an agent can ask: each tool is a verb, with the arguments that make sense without a terminal.</summary>
sealed class McpTools(Workplace place)
{
    const string File = "The program, an .mtl file, relative to the server's folder.";
    const string Set = "Settings to change, as PATH=VALUE: train.batch=8.";
    const string From = "Where to go on in a long answer, as its last line says. Default: its beginning.";
    const int LongestMinutes = 12 * 60;

    readonly ToolProcess process = new(place);

    public static IEnumerable<McpServerTool> For(Workplace place)
    {
        var tools = new McpTools(place);
        yield return Reading(
            "check",
            tools.Check,
            "Find every error of a program that can be known before training, with place and remedy; confirm one without errors."
        );
        yield return Reading("summary", tools.Summary, "List each statement's shape, parameters and multiply-adds.");
        yield return Reading(
            "plan",
            tools.Plan,
            "Tell what training takes: memory, arithmetic, and the largest batch that fits. Nothing is run."
        );
        yield return Reading("graph", tools.Graph, "Print the compiled graph: every operation with its shape and parameters.");
        yield return Reading("annotate", tools.Annotate, "Print the source with the inferred shapes beside the statements.");
        yield return Reading(
            "explain",
            tools.Explain,
            "Say what a diagnostic's code means, with an example and how to mend it; without a code, list them."
        );
        yield return Reading(
            "manual",
            ReadManual,
            "Read the manual: without arguments the pages and their headings; with a page, and perhaps a heading, its text."
        );
        yield return Writing(
            "run",
            tools.Train,
            "Train a program and evaluate it. Ends after the recipe, after max_steps, or, saved, after minutes; resume goes on."
        );
        yield return Writing(
            "report",
            tools.Report,
            "Lay out runs: tables of scores and costs as the answer, or a page as a file."
        );
    }

    static McpServerTool Reading(string name, Delegate method, string description) =>
        McpServerTool.Create(
            method,
            new()
            {
                Name = name,
                Description = description,
                ReadOnly = true,
                Idempotent = true,
                Destructive = false,
                OpenWorld = false,
            }
        );

    static McpServerTool Writing(string name, Delegate method, string description) =>
        McpServerTool.Create(
            method,
            new()
            {
                Name = name,
                Description = description,
                ReadOnly = false,
                Destructive = false,
                OpenWorld = false,
            }
        );

    async Task<CallToolResult> Check(
        [Description(File)] string file,
        [Description(Set)] string[]? set = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    ) => Answer(await process.Run(["check", place.Inside(file), .. Sets(set)], cancel).ConfigureAwait(false), from);

    async Task<CallToolResult> Summary(
        [Description(File)] string file,
        [Description("The picture's size, as 256x512. Default: the training crop.")] string? size = null,
        [Description(Set)] string[]? set = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    ) =>
        Answer(
            await process
                .Run(["summary", place.Inside(file), .. Option("--size", size), .. Sets(set)], cancel)
                .ConfigureAwait(false),
            from
        );

    async Task<CallToolResult> Plan(
        [Description(File)] string file,
        [Description("Samples in memory at a time. Default: the recipe's.")] int? batch = null,
        [Description("The training crop, as 256x512. Default: the recipe's.")] string? crop = null,
        [Description("What has to hold it, as 16GiB. Default: what this machine has.")] string? memory = null,
        [Description(Set)] string[]? set = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    ) =>
        Answer(
            await process
                .Run(
                    [
                        "plan",
                        place.Inside(file),
                        "--no-calibration",
                        .. Option("--batch", batch),
                        .. Option("--crop", crop),
                        .. Option("--device-memory", memory),
                        .. Sets(set),
                    ],
                    cancel
                )
                .ConfigureAwait(false),
            from
        );

    async Task<CallToolResult> Graph(
        [Description(File)] string file,
        [Description("train, step or infer. Default: train.")] string? phase = null,
        [Description("text, dot or svg. Default: text.")] string? format = null,
        [Description(Set)] string[]? set = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    ) =>
        Answer(
            await process
                .Run(
                    ["graph", place.Inside(file), .. Option("--phase", phase), .. Option("--format", format), .. Sets(set)],
                    cancel
                )
                .ConfigureAwait(false),
            from
        );

    async Task<CallToolResult> Annotate(
        [Description(File)] string file,
        [Description(Set)] string[]? set = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    ) => Answer(await process.Run(["annotate", place.Inside(file), .. Sets(set)], cancel).ConfigureAwait(false), from);

    async Task<CallToolResult> Explain(
        [Description("As MTL3002.")] string? code = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    ) => Answer(await process.Run(code is null ? ["explain"] : ["explain", "--", code], cancel).ConfigureAwait(false), from);

    static CallToolResult ReadManual(
        [Description("A page, as 'language'.")] string? page = null,
        [Description("A heading of the page, as 'Decoders'.")] string? heading = null,
        [Description(From)] int from = 0
    ) => Answer(new(ExitCode.Done, page is null ? Manual.Contents() : Manual.Page(page, heading)), from);

    async Task<CallToolResult> Train(
        IProgress<ProgressNotificationValue> progress,
        [Description(File)] string file,
        [Description("The run directory, in the server's folder. Default: runs/MODEL-DATE-TIME.")] string? directory = null,
        [Description("Stop after so many steps in all, and still evaluate.")] int? max_steps = null,
        [Description("Stop, with everything saved, after so many minutes. Default: 10.")] int minutes = 10,
        [Description("Go on with the run in directory.")] bool resume = false,
        [Description("auto, cpu or cuda. Default: auto.")] string? device = null,
        [Description(Set)] string[]? set = null,
        CancellationToken cancel = default
    )
    {
        if (minutes is < 1 or > LongestMinutes)
            throw new McpException(
                string.Create(CultureInfo.InvariantCulture, $"minutes lie between 1 and {LongestMinutes}, not {minutes}")
            );
        var lines = 0;
        // Without a directory the run makes runs/ itself, which could be a link that leads out.
        var into = directory is null ? null : place.Inside(directory);
        place.Inside(into ?? "runs");
        var answer = await process
            .Run(
                [
                    "run",
                    place.Inside(file),
                    "--format",
                    "json",
                    .. Option("--out", into),
                    .. Option("--max-steps", max_steps),
                    .. resume ? ["--resume"] : Array.Empty<string>(),
                    .. Option("--device", device),
                    .. Sets(set),
                ],
                cancel,
                TimeSpan.FromMinutes(minutes),
                line => progress.Report(new() { Progress = ++lines, Message = line })
            )
            .ConfigureAwait(false);
        return Answer(
            answer.ExitCode == ExitCode.Stopped
                ? answer with
                {
                    Text = answer.Text + "stopped, and saved: call run with resume and this directory to go on\n",
                }
                : answer,
            0
        );
    }

    async Task<CallToolResult> Report(
        [Description("Run directories, or folders with runs; or first an .mtl file that declares a report.")] string[] runs,
        [Description("md, csv, json: the tables as the answer. html: a page, written to out. Default: md.")]
            string? format = null,
        [Description("The file to write instead of answering; for html default: report.html.")] string? output = null,
        [Description("The run that differences refer to.")] string? baseline = null,
        [Description(From)] int from = 0,
        CancellationToken cancel = default
    )
    {
        if (runs.Length == 0)
            throw new McpException("name a folder with runs");
        var into = output is null && format != "html" ? null : place.Inside(output ?? "report.html");
        return Answer(
            await process
                .Run(
                    [
                        "report",
                        .. runs.Select(place.Inside),
                        .. Option("--format", format ?? "md"),
                        .. Option("--out", into),
                        .. Option("--baseline", baseline),
                    ],
                    cancel
                )
                .ConfigureAwait(false),
            from
        );
    }

    /// <summary>One token, so that no value is taken for an option.</summary>
    static IEnumerable<string> Option(string name, object? value) =>
        value is null ? [] : [string.Create(CultureInfo.InvariantCulture, $"{name}={value}")];

    static IEnumerable<string> Sets(string[]? sets) => (sets ?? []).SelectMany(s => Option("--set", s));

    static CallToolResult Answer(ToolAnswer answer, int from) =>
        new()
        {
            Content =
            [
                new TextContentBlock
                {
                    Text = Excerpt.Of(answer.Text.Length > 0 ? answer.Text : "(nothing was printed)\n", from),
                },
            ],
            IsError = answer.ExitCode != ExitCode.Done,
        };
}
