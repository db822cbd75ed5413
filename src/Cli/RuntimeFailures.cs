using Mtlc.Runtime.Data;

namespace Mtlc.Cli;

/// <summary>What the runtime throws at its users. A type of its own: only a failure that nothing else explains loads the runtime.</summary>
internal static class RuntimeFailures
{
    public static (int Code, string Message, string? Help)? Explain(Exception exception) => exception switch
    {
        DataException => (ExitCode.BadData, exception.Message, null),
        _ => null,
    };
}
