using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Runtime.Torch;

namespace Mtlc.Cli;

/// <summary>From arguments to an exit code: parse, run the verb, turn whatever it throws into one line and a code.</summary>
static class Application
{
    static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    // Exceptions are reported below, and signals belong to the verbs that can stop halfway.
    static readonly InvocationConfiguration Invoking = new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    public static int Run(string[] args)
    {
        TorchRuntime.Noticed += notice => Terminal.Error.WriteLine("note: " + notice);
        try
        {
            var root = Verbs.Root(args.FirstOrDefault());
            if (args.Length == 0)
            {
                HelpPage.Write(root, Terminal.Error);
                return ExitCode.Usage;
            }
            var parsed = root.Parse(args, Parsing);
            return UsageErrors.Find(parsed) is { } error ? Failures.Report(error) : parsed.Invoke(Invoking);
        }
        catch (Exception exception)
        {
            return Failures.Report(exception);
        }
    }
}
