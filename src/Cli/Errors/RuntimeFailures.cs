using Mtlc.Runtime.Files;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Torch.Native;
using Mtlc.Runtime.Training;

namespace Mtlc.Cli.Errors;

/// <summary>What the runtime throws at its users. A type of its own, so that a wrong command line loads nothing of it.</summary>
static class RuntimeFailures
{
    const string Smaller =
        "a smaller train.batch (with train.accumulate for steps as large) or data.augment.crop needs less memory";

    public static (int Code, string Message, string? Help)? Explain(Exception exception) =>
        exception switch
        {
            DataException => (ExitCode.BadData, exception.Message, null),
            UnsoundLibraryException => (
                ExitCode.Internal,
                exception.Message,
                "nothing was computed; 'mtlc doctor' tells more, and what to do"
            ),
            NotEnoughMemoryException e => (ExitCode.InputOutput, e.Message, e.Help),
            RunException or TorchUnavailableException => (ExitCode.InputOutput, exception.Message, null),
            OutOfMemoryException => (ExitCode.InputOutput, "out of memory", Smaller),
            _ when IsOutOfMemory(exception.Message) => (ExitCode.InputOutput, exception.Message.Split('\n')[0], Smaller),
            _ => null,
        };

    /// <summary>libtorch's allocators say it in these words; TorchSharp passes them on as an ExternalException.</summary>
    static bool IsOutOfMemory(string message) =>
        message.Contains("CUDA out of memory", StringComparison.Ordinal)
        || message.Contains("can't allocate memory", StringComparison.Ordinal);
}
