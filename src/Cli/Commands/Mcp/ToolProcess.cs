using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using Mtlc.Cli.Running;

namespace Mtlc.Cli.Commands.Mcp;

/// <param name="Text">What the verb printed: its output, then what it said of errors.</param>
sealed record ToolAnswer(int ExitCode, string Text);

/// <summary>Runs a verb in a process of its own, so that none can disturb the conversation, and no answer is longer than an agent
/// can read.</summary>
sealed class ToolProcess(Workplace place)
{
    /// <summary>Characters kept of a stream: more than any answer shows, so that it can be read part by part.</summary>
    const int MostKept = 8 << 20;

    /// <param name="heard">Told of every line on standard error as it comes.</param>
    /// <param name="limit">After which the verb is asked to stop, as a signal would.</param>
    /// <exception cref="OperationCanceledException">The client has given the call up; the verb was asked to stop, and has
    /// ended.</exception>
    public async Task<ToolAnswer> Run(
        IReadOnlyList<string> arguments,
        CancellationToken cancel,
        TimeSpan? limit = null,
        Action<string>? heard = null
    )
    {
        using var process =
            Process.Start(Command(arguments)) ?? throw new InvalidOperationException("no process could be started");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // A verb that trains stops, and saves, when its input ends; others read none, and end soon.
        using var registration = stop.Token.Register(() => process.StandardInput.Close());
        if (limit is { } most)
            stop.CancelAfter(most);
        var output = Read(process.StandardOutput, null);
        var errors = Read(process.StandardError, heard);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        var text = await output.ConfigureAwait(false) + await errors.ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return new(process.ExitCode, text);
    }

    ProcessStartInfo Command(IReadOnlyList<string> arguments)
    {
        // `mtlc` itself, or `dotnet mtlc.dll`.
        var executable = Environment.ProcessPath!;
        var start = new ProcessStartInfo(executable)
        {
            WorkingDirectory = place.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[Training.StopsWithInput] = "1";
        start.Environment["MTLC_CACHE"] = place.Cache;
        start.Environment["NO_COLOR"] = "1";
        return start;
    }

    static async Task<string> Read(StreamReader reader, Action<string>? heard)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            heard?.Invoke(line);
            if (text.Length < MostKept)
                text.Append(line).Append('\n');
        }
        return text.ToString();
    }
}

/// <summary>A part of a text that an agent can read at once.</summary>
static class Excerpt
{
    /// <summary>Characters: about ten thousand tokens.</summary>
    public const int Most = 30_000;

    public static string Of(string text, int from)
    {
        var start = Math.Clamp(from, 0, text.Length);
        if (text.Length - start <= Most)
            return text[start..];
        var end = text.LastIndexOf('\n', start + Most - 1, Most) is > 0 and var line ? line + 1 : start + Most;
        return text[start..end]
            + string.Create(
                CultureInfo.InvariantCulture,
                $"[{text.Length - end} of {text.Length} characters left; go on with from: {end}]\n"
            );
    }
}
