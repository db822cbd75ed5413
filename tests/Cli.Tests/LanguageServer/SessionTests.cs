using System.Text.Json.Nodes;
using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.Tests.Infrastructure;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.LanguageServer;

/// <summary>`mtlc lsp` as an editor starts it.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_session_from_the_first_message_to_the_last()
    {
        using var command = new Command();
        foreach (var (name, text) in Workspace.Files)
            command.Write(name, text);
        var (path, program) = (Path.Combine(command.Folder, "a.mtl"), Workspace.Program);
        using var client = new LspClient(command.Folder, Path.Combine(command.Folder, "cache"));

        client.Open(path, program);
        Assert.Empty(client.Diagnostics(path, 0));
        Assert.Contains(
            "256 x H/4 x W/4",
            (string)client.Ask("hover", path, program, Workspace.Offset(program, "decoder ¦semseg"))!["contents"]!["value"]!,
            StringComparison.Ordinal
        );

        // A mistake, its remedy, and the same text as before.
        var at = Workspace.Offset(program, "focus: ¦context");
        client.Edit(path, 1, program, at, "context".Length, "contxt");
        var wrong = client.Diagnostics(path, 1);
        var error = Assert.Single(wrong);
        Assert.Equal("MTL2003", (string?)error["code"]);
        var mended = client.Ask(
            "textDocument/codeAction",
            new
            {
                textDocument = new { uri = LspClient.Uri(path) },
                range = error["range"],
                context = new { diagnostics = wrong },
            }
        )!;
        var fix = Assert.Single(mended.AsArray(), a => (string?)a!["kind"] == "quickfix")!["edit"]!["changes"]!
            .AsObject()
            .Single()
            .Value![0]!;
        Assert.Equal("context", (string?)fix["newText"]);
        client.Edit(
            path,
            2,
            program.Replace("focus: context", "focus: contxt", StringComparison.Ordinal),
            at,
            "contxt".Length,
            "context"
        );
        Assert.Empty(client.Diagnostics(path, 2));

        var standard = client.Ask("definition", path, program, Workspace.Offset(program, "trunk: ¦resnet18"))![0]!;
        var copy = new Uri((string)standard["uri"]!).LocalPath;
        Assert.Equal("component resnet18", File.ReadAllLines(copy)[(int)standard["range"]!["start"]!["line"]!][..18]);
        Assert.True(File.GetAttributes(copy).HasFlag(FileAttributes.ReadOnly));
        File.SetAttributes(copy, FileAttributes.Normal);

        var drawn = JsonNode.Parse((string)client.Ask("mtlc/graph", new { textDocument = new { uri = LspClient.Uri(path) } })!)!;
        Assert.Contains(drawn["boxes"]!.AsArray(), b => (string?)b!["name"] == "context");
        Assert.Equal(-32601, (int)client.Wait(client.Post("textDocument/inventedHere", new { }))["error"]!["code"]!);
        Assert.Equal(0, client.ShutDown());
        Assert.Equal("", await client.Errors);
    }

    [Fact]
    public void It_ends_when_the_editor_is_gone()
    {
        using var command = new Command();
        using var client = new LspClient(command.Folder, command.Folder);

        client.Process.StandardInput.Close();

        Assert.Equal(1, client.Ended());
    }

    /// <summary>600 edits as people make them: words typed letter by letter, lines cut and pasted, brackets lost and found
    /// again.</summary>
    [Fact]
    public void After_600_edits_nothing_stale_is_left()
    {
        using var command = new Command();
        foreach (var name in new[] { "recipe.mtl", "full.mtl", "study.mtl" })
            command.Write(
                name,
                File.ReadAllText(
                    Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), name, SearchOption.AllDirectories).First()
                )
            );
        var path = Path.Combine(command.Folder, "full.mtl");
        var (text, random) = (File.ReadAllText(path), new Random(20261129));
        using var client = new LspClient(command.Folder, command.Folder);
        client.Open(path, text);
        string[] pieces =
        [
            "trunk",
            " ",
            "\n",
            "{",
            "}",
            "[",
            ")",
            ":",
            "->",
            "+ skip trunk/4",
            "let a = ",
            "#",
            "\"",
            "decoder x: trunk -> depth\n",
            "0.5 * ",
            "é",
            "𝔘",
        ];
        string[] reads = ["hover", "completion", "definition", "signatureHelp", "documentHighlight"];
        var asked = new List<int>();
        for (var version = 1; version <= 600; version++)
        {
            var start = random.Next(text.Length + 1);
            var length = random.Next(4) == 0 ? Math.Min(random.Next(30), text.Length - start) : 0;
            var put = random.Next(3) == 0 && length > 0 ? "" : pieces[random.Next(pieces.Length)];
            // Neither end splits a pair of surrogates: no editor does.
            if (Splits(text, start) || Splits(text, start + length))
                (start, length) = (0, 0);
            client.Edit(path, version, text, start, length, put);
            text = text.Remove(start, length).Insert(start, put);
            if (version % 3 == 0)
            {
                var at = random.Next(text.Length + 1);
                asked.Add(
                    client.Post(
                        $"textDocument/{reads[random.Next(reads.Length)]}",
                        new { textDocument = new { uri = LspClient.Uri(path) }, position = LspClient.At(text, at) }
                    )
                );
            }
        }
        // An answer, or that the text has changed meanwhile.
        Assert.All(
            asked.Select(client.Wait),
            a => Assert.True(a["error"] is null || (int)a["error"]!["code"]! is -32801 or -32800, a.ToJsonString())
        );

        var told = client.Diagnostics(path, 600);
        var right = Compilation.Check(
            new SourceText(path, text),
            p => File.Exists(p) ? new SourceText(p, File.ReadAllText(p)) : null
        );
        Assert.Equal(
            right.Diagnostics.Where(d => d.Span.Source.Path == path).Select(d => d.Code).Order(),
            told.Select(d => (string)d["code"]!).Order()
        );
        Assert.Equal(0, client.ShutDown());
    }

    static bool Splits(string text, int at) =>
        at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);
}
