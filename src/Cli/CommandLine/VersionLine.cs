using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;

namespace Mtlc.Cli.CommandLine;

/// <summary>`--version`: "mtlc 0.1.0 (9272ef5)".</summary>
sealed class VersionLine : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Terminal.Output.WriteLine(Text);
        return ExitCode.Done;
    }

    /// <summary>"0.1.0"</summary>
    public static string Number => Text.Split(' ')[1];

    /// <summary>The version, and the commit that it was built from where that is known.</summary>
    public static string Text
    {
        get
        {
            var full = typeof(VersionLine)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                .InformationalVersion.Split('+', 2);
            return full.Length == 2 ? $"mtlc {full[0]} ({full[1][..Math.Min(7, full[1].Length)]})" : $"mtlc {full[0]}";
        }
    }
}
