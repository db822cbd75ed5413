using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mtlc.Bench;

/// <summary>How long after a keystroke `mtlc lsp` has told what is wrong, in a program of 500 lines.</summary>
static class Editing
{
    const string Tool = "src/Cli/bin/Release/net10.0/mtlc.dll";
    const int Lines = 500,
        Warmup = 40,
        Keystrokes = 200;

    public static void Run()
    {
        Console.WriteLine(
            $"\n## From a keystroke to its diagnostics\n\n{Processor()}, load "
                + $"{File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start\n"
        );
        var (text, insert) = Program();
        var start = new ProcessStartInfo("dotnet", [Tool, "lsp"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var server = Process.Start(start)!;
        var (input, output) = (server.StandardInput.BaseStream, server.StandardOutput.BaseStream);
        Send(
            input,
            new
            {
                jsonrpc = "2.0",
                id = 1,
                method = "initialize",
                @params = new { capabilities = new { } },
            }
        );
        const string uri = "file:///bench/big.mtl";
        var clock = Stopwatch.StartNew();
        Send(
            input,
            new
            {
                jsonrpc = "2.0",
                method = "textDocument/didOpen",
                @params = new
                {
                    textDocument = new
                    {
                        uri,
                        languageId = "mtl",
                        version = 0,
                        text,
                    },
                },
            }
        );
        Await(output, 0);
        Console.WriteLine(
            $"{text.Split('\n').Length - 1} lines; opened after {clock.ElapsedMilliseconds} ms, the server's start included"
        );
        var times = new List<double>();
        var memory = new List<long>();
        for (var version = 1; version <= Warmup + Keystrokes; version++)
        {
            var position = new { line = insert.Line, character = insert.Character + version - 1 };
            clock.Restart();
            Send(
                input,
                new
                {
                    jsonrpc = "2.0",
                    method = "textDocument/didChange",
                    @params = new
                    {
                        textDocument = new { uri, version },
                        contentChanges = new[] { new { range = new { start = position, end = position }, text = "1" } },
                    },
                }
            );
            Await(output, version);
            if (version > Warmup)
                times.Add(clock.Elapsed.TotalMilliseconds);
            if (version is Warmup or Warmup + Keystrokes)
            {
                server.Refresh();
                memory.Add(server.WorkingSet64 >> 20);
            }
            Thread.Sleep(10);
        }
        times.Sort();
        Console.WriteLine(
            $"median {Clock.Median([.. times]):F1} ms, nine of ten within {times[times.Count * 9 / 10]:F1} ms, of "
                + $"{Keystrokes} keystrokes"
        );
        Console.WriteLine($"resident: {memory[0]} MiB after {Warmup}, {memory[1]} MiB after {Warmup + Keystrokes}");
        Send(
            input,
            new
            {
                jsonrpc = "2.0",
                id = 2,
                method = "shutdown",
            }
        );
        Send(input, new { jsonrpc = "2.0", method = "exit" });
        server.WaitForExit();
    }

    /// <summary>A model with as many statements as fit, and where to type in its middle: behind a comment's last
    /// letter.</summary>
    static (string Text, (int Line, int Character) Insert) Program()
    {
        List<string> lines =
        [
            "model big {",
            "  task semseg: segmentation { classes: 19 }",
            "  task depth: depth",
            "  encoder trunk: resnet34",
        ];
        var count = 0;
        while (lines.Count < Lines - 8)
        {
            count++;
            lines.AddRange([
                $"  # context {count}",
                $"  aspp c{count}: trunk -> 64 {{ rates: [3, {count % 9 + 4}] }}",
                $"  attention a{count}: c{count}",
                "",
            ]);
        }
        lines.AddRange([
            $"  decoder s: {string.Join(" + ", Enumerable.Range(1, count).Select(i => $"a{i}"))} + skip trunk/4 -> semseg",
            "  decoder d: s -> depth",
            "  loss: cross_entropy(semseg) + l2(depth)",
            "}",
        ]);
        while (lines.Count < Lines)
            lines.Add("# .");
        var line = lines.FindIndex(lines.Count / 2, l => l.StartsWith("  # context", StringComparison.Ordinal));
        return (string.Join('\n', lines) + "\n", (line, lines[line].Length));
    }

    static void Await(Stream output, int version)
    {
        while (true)
        {
            var length = 0;
            for (var header = Line(output); header.Length > 0; header = Line(output))
                length = header.StartsWith("Content-Length: ", StringComparison.Ordinal)
                    ? int.Parse(header[16..], CultureInfo.InvariantCulture)
                    : length;
            var body = new byte[length];
            output.ReadExactly(body);
            using var message = JsonDocument.Parse(body);
            if (
                message.RootElement.TryGetProperty("method", out var method)
                && method.GetString() == "textDocument/publishDiagnostics"
                && message.RootElement.GetProperty("params").TryGetProperty("version", out var told)
                && told.GetInt32() == version
            )
            {
                return;
            }
        }
    }

    static string Line(Stream output)
    {
        var line = new StringBuilder();
        for (var next = output.ReadByte(); next is >= 0 and not '\n'; next = output.ReadByte())
            line.Append((char)next);
        return line.ToString().TrimEnd('\r');
    }

    static void Send(Stream input, object message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message);
        input.Write(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n"))
        );
        input.Write(body);
        input.Flush();
    }

    static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1]
        ?? "unknown processor";
}
