using System.Collections.Immutable;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Checkpoints;

namespace Mtlc.Cli.Running;

/// <summary>Compiles what a verb was given.</summary>
static class Programs
{
    /// <summary>Longer source lines are cut around the place that matters in files and pipes, too.</summary>
    const int RedirectedWidth = 120;

    /// <summary>The compiled program, or null after its errors went to stderr: the verb returns
    /// <see cref="ExitCode.ProgramErrors"/>.</summary>
    public static CompiledProgram? Compile(
        string path,
        IReadOnlyList<string> sets,
        DiagnosticFormat format = DiagnosticFormat.Human
    ) => Shown(Compilation.Compile(UserText.Read(path), UserText.TryRead, sets), format);

    /// <summary>The same of a run's own program, with its own settings and then these.</summary>
    public static CompiledProgram? Compile(RunDirectory run, IReadOnlyList<string>? sets = null) =>
        Shown(run.Compile(UserText.TryRead, sets));

    /// <summary>The program of what was compiled already, likewise.</summary>
    public static CompiledProgram? Shown(Compilation compilation, DiagnosticFormat format = DiagnosticFormat.Human)
    {
        if (compilation.Diagnostics.Length > 0)
            Show(compilation.Diagnostics, compilation.Suppressed, format);
        return compilation.Program;
    }

    /// <summary>Writes diagnostics to stderr.</summary>
    public static void Show(
        ImmutableArray<Diagnostic> diagnostics,
        int suppressed = 0,
        DiagnosticFormat format = DiagnosticFormat.Human
    )
    {
        var error = Terminal.Error;
        error.Writer.Write(DiagnosticText.Of(diagnostics, suppressed, format, error.HasColor, error.Width ?? RedirectedWidth));
    }
}
