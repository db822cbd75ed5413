using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Mtlc.Tests.Verbs;

/// <summary>A session of a real client with the command over standard input and output.</summary>
public sealed class McpTests : IAsyncLifetime
{
    readonly Command command = new();
    McpClient client = null!;

    string Home => Path.Combine(command.Folder, "home");

    public async ValueTask InitializeAsync()
    {
        command.Write("home/net.mtl", Programs.Tiny);
        command.Write("home/wrong.mtl", Programs.Wrong);
        command.Write("secret.mtl", Programs.Tiny);
        if (!OperatingSystem.IsWindows())
            Directory.CreateSymbolicLink(Path.Combine(Home, "out"), command.Folder);
        client = await McpClient.CreateAsync(
            new StdioClientTransport(
                new()
                {
                    Command = "dotnet",
                    Arguments = [Command.Assembly, "mcp"],
                    WorkingDirectory = Home,
                }
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        command.Dispose();
    }

    [Fact]
    public async Task An_agent_reads_checks_trains_and_reports_and_nothing_lies_outside_its_folder()
    {
        Assert.Equal("mtlc", client.ServerInfo?.Name);
        var tools = await client.ListToolsAsync();
        Assert.Equal(
            ["annotate", "check", "explain", "graph", "manual", "plan", "report", "run", "summary"],
            tools.Select(t => t.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            ["report", "run"],
            tools.Where(t => t.ProtocolTool.Annotations?.ReadOnlyHint == false).Select(t => t.Name).Order(StringComparer.Ordinal)
        );
        Assert.Contains(
            "\"file\"",
            tools.Single(t => t.Name == "check").JsonSchema.GetProperty("required").GetRawText(),
            StringComparison.Ordinal
        );

        var wrong = await Call("check", ("file", "wrong.mtl"));
        Assert.True(wrong.IsError);
        Assert.Contains("did you mean 'trunk'?", Text(wrong), StringComparison.Ordinal);
        Assert.Contains("has no errors", await Good("check", ("file", "net.mtl")), StringComparison.Ordinal);
        Assert.Contains("trunk", await Good("summary", ("file", "net.mtl"), ("size", "64x128")), StringComparison.Ordinal);
        Assert.Contains("batch 2", await Good("plan", ("file", "net.mtl"), ("batch", 2)), StringComparison.Ordinal);
        Assert.Equal(
            command.Run("graph", "home/net.mtl", "--phase", "infer").Output,
            await Good("graph", ("file", "net.mtl"), ("phase", "infer"))
        );
        Assert.Contains("# 16 x H/8 x W/8", await Good("annotate", ("file", "net.mtl")), StringComparison.Ordinal);
        Assert.Contains("MTL2003", await Good("explain", ("code", "MTL2003")), StringComparison.Ordinal);
        Assert.Contains("language\n", await Good("manual"), StringComparison.Ordinal);
        Assert.StartsWith(
            "### Decoders\n",
            await Good("manual", ("page", "language"), ("heading", "Decoders")),
            StringComparison.Ordinal
        );

        var heard = 0;
        var trained = await client.CallToolAsync(
            "run",
            Arguments(("file", "net.mtl"), ("directory", "runs/one"), ("max_steps", 2), ("set", new[] { "data.workers=1" })),
            new Progress<ModelContextProtocol.ProgressNotificationValue>(_ => Interlocked.Increment(ref heard))
        );
        Assert.True(trained.IsError != true, Text(trained));
        Assert.Contains("\"outcome\": \"step_limit\"", Text(trained), StringComparison.Ordinal);
        Assert.True(heard > 0);
        Assert.Contains("| tiny_net |", await Good("report", ("runs", new[] { "runs" })), StringComparison.Ordinal);
        await Good("report", ("runs", new[] { "runs" }), ("format", "html"), ("output", "pages/r.html"));

        Assert.True(File.Exists(Path.Combine(Home, "pages", "r.html")));
        Assert.Equal(
            ["home", "secret.mtl"],
            Directory.GetFileSystemEntries(command.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task What_leads_out_or_looks_like_an_option_is_refused()
    {
        (string Tool, string Argument, string Value)[] wrong =
        [
            ("check", "file", "../secret.mtl"),
            ("check", "file", "out/secret.mtl"),
            ("check", "file", "/etc/passwd"),
            ("graph", "file", "--help"),
            ("manual", "page", "../cli"),
            ("explain", "code", "--help"),
        ];
        foreach (var (tool, argument, value) in wrong)
        {
            var answer = await Call(tool, (argument, value));
            Assert.True(answer.IsError, value);
            Assert.DoesNotContain("Usage:", Text(answer), StringComparison.Ordinal);
            Assert.DoesNotContain("tiny_net", Text(answer), StringComparison.Ordinal);
        }
        foreach (var value in new[] { "../runs", "out/runs" })
        {
            Assert.True((await Call("run", ("file", "net.mtl"), ("max_steps", 1), ("directory", value))).IsError);
            Assert.True((await Call("report", ("runs", new[] { "." }), ("format", "html"), ("output", value + ".html"))).IsError);
        }
        Assert.Equal(
            ["home", "secret.mtl"],
            Directory.GetFileSystemEntries(command.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_long_answer_comes_in_parts_that_together_are_the_whole()
    {
        command.Write(
            "home/large.mtl",
            "model large {\n task depth: depth\n encoder trunk: resnet50\n encoder other: resnet50\n decoder head: trunk + "
                + "other -> depth\n loss: l2(depth)\n}\n"
        );
        var whole = command.Run("graph", "home/large.mtl").Output;
        Assert.True(whole.Length > 30_000);
        var (read, from) = ("", 0);
        for (var part = 0; part < 10 && read.Length < whole.Length; part++)
        {
            var text = await Good("graph", ("file", "large.mtl"), ("from", from));
            Assert.True(text.Length <= 30_100);
            read += text.Split("\n[")[0] + (text.EndsWith("]\n", StringComparison.Ordinal) ? "\n" : "");
            from = read.Length;
        }
        Assert.Equal(whole, read);
    }

    async Task<string> Good(string tool, params (string, object)[] arguments)
    {
        var answer = await Call(tool, arguments);
        Assert.True(answer.IsError != true, Text(answer));
        return Text(answer);
    }

    async Task<CallToolResult> Call(string tool, params (string, object)[] arguments) =>
        await client.CallToolAsync(tool, Arguments(arguments));

    static Dictionary<string, object?> Arguments(params (string Name, object Value)[] arguments) =>
        arguments.ToDictionary(a => a.Name, a => (object?)a.Value);

    static string Text(CallToolResult answer) => string.Concat(answer.Content.OfType<TextContentBlock>().Select(t => t.Text));
}
