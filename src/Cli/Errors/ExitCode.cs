namespace Mtlc.Cli.Errors;

/// <summary>What the process returns; described in docs/cli.md and never renumbered.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>The program has errors.</summary>
    public const int ProgramErrors = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Training diverged: too many losses or gradients that are not finite.</summary>
    public const int Diverged = 3;

    /// <summary>Data that cannot be used (EX_DATAERR of sysexits.h).</summary>
    public const int BadData = 65;

    /// <summary>Our fault (EX_SOFTWARE).</summary>
    public const int Internal = 70;

    /// <summary>A file is missing, unreadable, unwritable, or the disk is full (EX_IOERR).</summary>
    public const int InputOutput = 74;

    /// <summary>Stopped on request with everything saved; `resume` continues (EX_TEMPFAIL).</summary>
    public const int Stopped = 75;
}
