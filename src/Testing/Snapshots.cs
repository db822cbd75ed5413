using System.Runtime.CompilerServices;
using System.Text;
using Mtlc.Compiler;
using Mtlc.Compiler.Views;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Testing;

/// <summary>
/// Compares what a program compiles to with the snapshots beside it, as `mtlc snapshot --verify` does: NAME.train.verified.txt,
/// NAME.infer.verified.txt and whatever other part has one. What differs or is missing is written as NAME.train.received.txt,
/// which tools for Verify take over. </summary>
public static class Snapshots
{
    static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    /// <param name="program">The `.mtl` file: absolute, or relative to the source file of the test.</param>
    /// <param name="sourceFile">Given by the compiler.</param>
    /// <exception cref="SnapshotException">A snapshot differs or is missing, or the program has errors.</exception>
    /// <exception cref="IOException">The program is missing, or cannot be read.</exception>
    public static void Verify(string program, [CallerFilePath] string sourceFile = "") => Compare(program, [], sourceFile);

    /// <inheritdoc cref="Verify(string, string)"/>
    /// <param name="also">A part to be kept besides those that have a snapshot.</param>
    public static void Verify(string program, SnapshotPart also, [CallerFilePath] string sourceFile = "") =>
        Compare(program, [also], sourceFile);

    /// <inheritdoc cref="Verify(string, string)"/>
    /// <param name="also">Parts to be kept besides those that have a snapshot.</param>
    public static void Verify(string program, IEnumerable<SnapshotPart> also, [CallerFilePath] string sourceFile = "") =>
        Compare(program, [.. also], sourceFile);

    static void Compare(string program, SnapshotPart[] also, string sourceFile)
    {
        var path = Path.IsPathRooted(program) ? program : Path.GetFullPath(Path.Combine(Folder(sourceFile), program));
        var compilation = Compilation.Compile(Read(path), p => File.Exists(p) ? Read(p) : null);
        if (compilation.Program is not { } compiled)
            throw new SnapshotException(
                DiagnosticText.Of(compilation.Diagnostics, compilation.Suppressed, DiagnosticFormat.Human)
            );
        var wrong = Snapshot
            .All.Where(p => Snapshot.Always.Contains(p) || also.Contains(p) || File.Exists(Snapshot.PathOf(path, p)))
            .Select(p => Compare(path, compiled, p))
            .OfType<string>()
            .ToList();
        if (wrong.Count > 0)
            throw new SnapshotException($"{string.Join("\n\n", wrong)}\n\naccept: mtlc snapshot --accept \"{path}\"");
    }

    /// <returns>What is wrong; null where nothing is.</returns>
    static string? Compare(string path, CompiledProgram program, SnapshotPart part)
    {
        var (verified, received) = (Snapshot.PathOf(path, part), Snapshot.PathOf(path, part, "received"));
        var text = Snapshot.Write(program, part);
        var before = File.Exists(verified) ? File.ReadAllText(verified) : null;
        if (before is null)
        {
            File.WriteAllText(received, text, Encoding);
            return $"There is no snapshot {verified}. What it would hold is in {received}";
        }
        if (SnapshotDifference.Between(part, before, text, program.Data.Augment.Crop) is not { } difference)
        {
            File.Delete(received);
            return null;
        }
        File.WriteAllText(received, text, Encoding);
        return string.Join(
            '\n',
            [
                $"{Path.GetFileName(path)} no longer compiles to {Path.GetFileName(verified)}:",
                .. difference.Structure,
                .. First(before, text),
                $"look: diff -u \"{verified}\" \"{received}\"",
            ]
        );
    }

    static string[] First(string before, string after)
    {
        var (a, b) = (SnapshotDifference.Normalized(before).Split('\n'), SnapshotDifference.Normalized(after).Split('\n'));
        var line = a.Zip(b).TakeWhile(l => l.First == l.Second).Count();
        return
        [
            FormattableString.Invariant($"from line {line + 1} on:"),
            $"  - {a.ElementAtOrDefault(line) ?? "(end)"}",
            $"  + {b.ElementAtOrDefault(line) ?? "(end)"}",
        ];
    }

    static string Folder(string sourceFile) =>
        Path.GetDirectoryName(sourceFile) is { Length: > 0 } folder && Directory.Exists(folder)
            ? folder
            : throw new SnapshotException(
                $"The test was compiled from '{sourceFile}', which is not on this machine (a deterministic build hides where "
                    + $"it lay): name the program by an absolute path."
            );

    static SourceText Read(string path) => new(path, File.ReadAllText(path));
}

/// <summary>A program no longer compiles to its snapshots. The message says what changed, what it costs and how to accept
/// it.</summary>
public sealed class SnapshotException(string message) : Exception(message);
