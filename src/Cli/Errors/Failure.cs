namespace Mtlc.Cli.Errors;

/// <summary>Ends the command with an exit code, one line that says what happened, and often one that says what to do.</summary>
sealed class Failure(int exitCode, string message, string? help = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do about it.</summary>
    public string? Help { get; } = help;

    public static Failure Usage(string message, string? help = null) => new(Errors.ExitCode.Usage, message, help);

    public static Failure InputOutput(string message, string? help = null) => new(Errors.ExitCode.InputOutput, message, help);
}
