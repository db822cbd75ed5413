using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.LanguageServer;

/// <summary>An editor, as far as a server can tell: `mtlc lsp` in a process of its own, and messages by the letter of the
/// protocol.</summary>
sealed class LspClient : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Dictionary<int, JsonNode> answers = [];
    readonly Dictionary<string, JsonNode> diagnostics = new(StringComparer.Ordinal);
    readonly object changed = new();
    readonly Thread reader;
    Exception? broken;
    bool isAtEnd;
    int last;

    public LspClient(string folder, string cache)
    {
        var start = new ProcessStartInfo("dotnet", [Command.Assembly, "lsp"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MTLC_CACHE"] = cache;
        Process = Process.Start(start)!;
        Errors = Process.StandardError.ReadToEndAsync();
        reader = new(Read) { IsBackground = true };
        reader.Start();
        Capabilities = Ask(
            "initialize",
            new
            {
                processId = (int?)null,
                rootUri = Uri(folder),
                capabilities = new { },
            }
        )!["capabilities"]!;
        Tell("initialized", new { });
    }

    public Process Process { get; }

    public Task<string> Errors { get; }

    public JsonNode Capabilities { get; }

    public static string Uri(string path) => new Uri(path).AbsoluteUri;

    public void Open(string path, string text) =>
        Tell(
            "textDocument/didOpen",
            new
            {
                textDocument = new
                {
                    uri = Uri(path),
                    languageId = "mtl",
                    version = 0,
                    text,
                },
            }
        );

    /// <summary>One edit: the characters from an offset on are replaced.</summary>
    public void Edit(string path, int version, string before, int start, int length, string text) =>
        Tell(
            "textDocument/didChange",
            new
            {
                textDocument = new { uri = Uri(path), version },
                contentChanges = new[]
                {
                    new { range = new { start = At(before, start), end = At(before, start + length) }, text },
                },
            }
        );

    public static object At(string text, int offset)
    {
        var line = text.AsSpan(0, offset).Count('\n');
        return new { line, character = offset - (text.LastIndexOf('\n', Math.Max(0, offset - 1), offset) + 1) };
    }

    public JsonNode? Ask(string method, string path, string text, int offset) =>
        Ask($"textDocument/{method}", new { textDocument = new { uri = Uri(path) }, position = At(text, offset) });

    /// <summary>The answer's result; an error is one of the test, unless the text has changed meanwhile.</summary>
    public JsonNode? Ask(string method, object parameters)
    {
        var answer = Wait(Post(method, parameters));
        return answer["error"] is { } error
            ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}")
            : answer["result"];
    }

    public int Post(string method, object? parameters)
    {
        var id = ++last;
        Send(
            new
            {
                jsonrpc = "2.0",
                id,
                method,
                @params = parameters,
            }
        );
        return id;
    }

    public void Tell(string method, object? parameters) =>
        Send(
            new
            {
                jsonrpc = "2.0",
                method,
                @params = parameters,
            }
        );

    /// <summary>The whole answer to a request, error or not.</summary>
    public JsonNode Wait(int id)
    {
        lock (changed)
        {
            Await(() => answers.ContainsKey(id), $"an answer to request {id}");
            answers.Remove(id, out var answer);
            return answer!;
        }
    }

    /// <summary>What was last told of a file, once that is about a version.</summary>
    public JsonNode[] Diagnostics(string path, int version)
    {
        lock (changed)
        {
            Await(
                () => diagnostics.TryGetValue(Uri(path), out var told) && (int?)told["version"] == version,
                $"diagnostics of version {version}"
            );
            return [.. diagnostics[Uri(path)]["diagnostics"]!.AsArray().Select(d => d!)];
        }
    }

    public int ShutDown()
    {
        Ask("shutdown", new { });
        Tell("exit", null);
        return Ended();
    }

    public int Ended() =>
        Process.WaitForExit(Patience) ? Process.ExitCode : throw new TimeoutException("the server does not end");

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.Dispose();
    }

    void Await(Func<bool> holds, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            if (broken is not null || isAtEnd || watch.Elapsed > Patience)
                throw new InvalidOperationException(
                    $"there is not {what}: {broken?.Message ?? (isAtEnd ? Errors.Result : "too late")}"
                );
            Monitor.Wait(changed, 100);
        }
    }

    void Send(object message)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message);
        var stream = Process.StandardInput.BaseStream;
        stream.Write(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}\r\n\r\n"))
        );
        stream.Write(bytes);
        stream.Flush();
    }

    /// <summary>Anything on stdout that is no message of the protocol breaks it.</summary>
    void Read()
    {
        var stream = Process.StandardOutput.BaseStream;
        try
        {
            while (Header(stream) is { } length)
            {
                var body = new byte[length];
                stream.ReadExactly(body);
                var message = JsonNode.Parse(body)!;
                lock (changed)
                {
                    if ((string?)message["method"] == "textDocument/publishDiagnostics")
                        diagnostics[(string)message["params"]!["uri"]!] = message["params"]!;
                    else if (message["id"] is { } id && message["method"] is null)
                        answers[(int)id] = message;
                    Monitor.PulseAll(changed);
                }
            }
        }
        catch (Exception exception)
            when (exception is IOException or JsonException or FormatException or InvalidOperationException)
        {
            broken = exception;
        }
        lock (changed)
        {
            isAtEnd = true;
            Monitor.PulseAll(changed);
        }
    }

    static int? Header(Stream stream)
    {
        int? length = null;
        while (Line(stream) is { } line)
        {
            if (line.Length == 0)
                return length ?? throw new FormatException("a message without its length");
            var parts = line.Split(": ", 2);
            if (parts.Length != 2)
                throw new FormatException($"'{line}' on stdout is no header of the protocol");
            if (parts[0] == "Content-Length")
                length = int.Parse(parts[1], CultureInfo.InvariantCulture);
        }
        return null;
    }

    static string? Line(Stream stream)
    {
        var line = new StringBuilder();
        for (int next; (next = stream.ReadByte()) >= 0; )
        {
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)next);
        }
        return line.Length == 0 ? null : throw new FormatException($"'{line}' on stdout is no message");
    }
}
