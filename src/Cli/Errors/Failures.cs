using Mtlc.Cli.Output;

namespace Mtlc.Cli.Errors;

/// <summary>Says on stderr why a command ended, and with which exit code.</summary>
static class Failures
{
    const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>ENOSPC and EDQUOT, as .NET puts them into HResult on Unix.</summary>
    static readonly int[] UnixDiskFull = [28, 122, 69];

    /// <summary>EROFS.</summary>
    const int UnixReadOnly = 30;

    public static int Report(Exception exception)
    {
        var (code, message, help) = Explain(exception);
        var error = Terminal.Error;
        error.WriteLine($"{error.Style("error", Ink.Red)}: {message.TrimEnd()}");
        if (help is not null)
            error.WriteLine($"{error.Style("help", Ink.Cyan)}: {help}");
        if (code == ExitCode.Internal && Environment.GetEnvironmentVariable("MTLC_DEBUG") is "1")
            error.WriteLine(exception.ToString());
        return code;
    }

    static (int Code, string Message, string? Help) Explain(Exception exception) =>
        exception switch
        {
            Failure failure => (failure.ExitCode, failure.Message, failure.Help),
            IOException full when IsDiskFull(full) => (
                ExitCode.InputOutput,
                $"the disk is full: {full.Message}",
                "make room, then run the same command again"
            ),
            // What names its file and says what to do comes before what the system says.
            _ when RuntimeFailures.Explain(exception) is { } explained => explained,
            UnauthorizedAccessException or IOException { HResult: UnixReadOnly } => (
                ExitCode.InputOutput,
                exception.Message,
                "change its permissions, or name another place"
            ),
            IOException => (ExitCode.InputOutput, exception.Message, null),
            AggregateException { InnerExceptions: [var only] } => Explain(only),
            OperationCanceledException => (ExitCode.Stopped, "stopped on request", null),
            _ => (
                ExitCode.Internal,
                $"internal error: {exception.GetType().Name}: {OneLine(exception.Message)}",
                "this is a fault in mtlc; please report it with the program and what the same command prints after MTLC_DEBUG=1"
            ),
        };

    static bool IsDiskFull(IOException exception) =>
        exception.HResult == WindowsDiskFull || (!OperatingSystem.IsWindows() && UnixDiskFull.Contains(exception.HResult));

    static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
