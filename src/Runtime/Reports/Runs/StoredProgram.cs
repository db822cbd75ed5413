using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;

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
            return Open(directory.Program) is { } main
                ? Compilation.Compile(main, p => Open(directory.CopyOf(p)), directory.Overrides).Program
                : null;
        }
        catch (RunException)
        {
            return null;
        }
    }

    /// <summary>Equal for runs whose models are sure to be the same: the same files, and nothing of the model set
    /// otherwise.</summary>
    public static string ModelKey(StoredRun run)
    {
        var source = Path.Combine(run.Root, "source");
        var files = Directory.Exists(source)
            ? Directory
                .GetFiles(source, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(RegularFile.ReadAllText)
            : [];
        var sets = run
            .Settings.Overrides.Where(o =>
                !o.Path.StartsWith("train.", StringComparison.Ordinal) && !o.Path.StartsWith("data.", StringComparison.Ordinal)
            )
            .Select(o => $"{o.Path}={o.Value}");
        return string.Join('\0', files.Concat(sets).Append(run.Settings["program"]));
    }

    static SourceText? Open(string path) =>
        File.Exists(path) ? new(path, RegularFile.ReadAllText(path)) { Identity = RegularFile.IdentityOf(path) } : null;
}
