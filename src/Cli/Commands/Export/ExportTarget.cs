using System.CommandLine;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Export;

namespace Mtlc.Cli.Commands.Export;

/// <summary>What is exported.</summary>
/// <param name="Run">Whose weights; null for those that training starts from.</param>
sealed record Exported(CompiledProgram Program, RunDirectory? Run, IReadOnlyList<string> Sets);

/// <summary>What a word of `--to` means.</summary>
abstract class ExportTarget
{
    public abstract string Word { get; }

    /// <summary>What it makes, as a part of the option's description.</summary>
    public abstract string Makes { get; }

    /// <summary>Those that it alone takes.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    /// <summary>What of the command can be told before a program is compiled.</summary>
    /// <param name="path">Where to write.</param>
    /// <param name="checkpoint">Of a run.</param>
    /// <returns>What writes it and tells of it; its result is the exit code.</returns>
    /// <exception cref="Errors.Failure">The options do not fit, or nothing can be written there.</exception>
    public abstract Func<Exported, int> Prepare(ParseResult parsed, string path, string checkpoint);

    /// <summary>Runs an exporter before the user's eyes; shows what it could not write.</summary>
    /// <param name="counted">What is counted meanwhile: "pictures".</param>
    /// <returns>Its report; null after its errors.</returns>
    protected static T? Watch<T>(
        string counted,
        ExportOptions options,
        Func<ExportOptions, DiagnosticBag, Action<int, int>, T?> export
    )
        where T : class
    {
        using var stop = new StopSignals("stopping");
        var diagnostics = new DiagnosticBag();
        options = options with { Stop = stop.Token, Warned = Terminal.Error.WriteWarning };
        var report = Counter.Watch(counted, count => export(options, diagnostics, count));
        if (report is null)
            Programs.Show(diagnostics.ToSorted(), diagnostics.Suppressed);
        return report;
    }
}
