using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Cli;

/// <summary>Compiles what a verb was given.</summary>
internal static class Programs
{
    /// <summary>Longer source lines are cut around the place that matters in files and pipes, too.</summary>
    private const int RedirectedWidth = 120;

    /// <summary>The compiled program, or null after its errors went to stderr: the verb returns <see cref="ExitCode.ProgramErrors"/>.</summary>
    public static CompiledProgram? Compile(string path, IReadOnlyList<string> sets, DiagnosticFormat format = DiagnosticFormat.Human)
    {
        var compilation = Compilation.Compile(UserText.Read(path), UserText.TryRead, sets);
        var error = Terminal.Error;
        var text = DiagnosticText.Of(compilation.Diagnostics, compilation.Suppressed, format, error.HasColor, error.Width ?? RedirectedWidth);
        error.Writer.Write(text);
        return compilation.Program;
    }
}
