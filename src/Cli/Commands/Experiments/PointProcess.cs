using System.Diagnostics;
using System.Reflection;
using Mtlc.Cli.Running;
using Mtlc.Compiler.Experiments;
using Mtlc.Runtime.Experiments;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>Trains points of a sweep, each in a process of its own, so that a crash harms no other.</summary>
/// <param name="sets">The command line's `--set`, of which none replaces what the sweep varies.</param>
sealed class PointProcess(
    string file,
    IReadOnlyList<string> sets,
    string device,
    string? tracker,
    bool checksMemory,
    SweepFolder folder
)
{
    public async Task<PointOutcome> Train(SweepPoint point, string directory, long? limit, CancellationToken stop)
    {
        Directory.CreateDirectory(directory);
        using var process =
            Process.Start(Command(point, directory, limit)) ?? throw new InvalidOperationException("no process could be started");
        using var registration = stop.Register(() => process.StandardInput.Close());
        var errors = Last(process.StandardError);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await output.ConfigureAwait(false);
        return new(process.ExitCode, await errors.ConfigureAwait(false));
    }

    ProcessStartInfo Command(SweepPoint point, string directory, long? limit)
    {
        // `mtlc` itself, or `dotnet mtlc.dll`.
        var executable = Environment.ProcessPath!;
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        List<string> arguments =
        [
            "run",
            file,
            "--out",
            directory,
            "--resume",
            "--device",
            device,
            "--log",
            folder.LogOf(point.Digest.Run),
            "--expect",
            point.Digest.Run,
        ];
        if (limit is { } most)
            arguments.AddRange(["--max-steps", FormattableString.Invariant($"{most}")]);
        if (!checksMemory)
            arguments.Add("--no-memory-check");
        if (tracker is not null)
            arguments.AddRange(["--tracker", tracker]);
        arguments.AddRange(point.Settings.Select(s => s.Set).Concat(sets).SelectMany(s => new[] { "--set", s }));
        arguments.ForEach(start.ArgumentList.Add);
        start.Environment[Training.StopsWithInput] = "1";
        return start;
    }

    /// <summary>The last line that says "error", or the last line.</summary>
    static async Task<string?> Last(StreamReader reader)
    {
        string? last = null,
            error = null;
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith("error", StringComparison.Ordinal))
                error ??= line;
            last = line.Trim().Length > 0 ? line : last;
        }
        return error ?? last;
    }
}
