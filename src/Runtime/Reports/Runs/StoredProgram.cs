using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Checkpoints;

namespace Mtlc.Runtime.Reports.Runs;

/// <summary>The program of a run, compiled again from the copy in its directory.</summary>
public static class StoredProgram
{
    /// <returns>null where the copy is missing or no longer compiles with this version.</returns>
    public static CompiledProgram? Compile(StoredRun run)
    {
        try
        {
            var directory = RunDirectory.Open(run.Root);
            return Open(directory.Program) is { } main ? Compilation.Compile(main, Open, directory.Overrides).Program : null;
        }
        catch (RunException)
        {
            return null;
        }
    }

    static SourceText? Open(string path) => File.Exists(path) ? new(path, File.ReadAllText(path)) : null;
}
