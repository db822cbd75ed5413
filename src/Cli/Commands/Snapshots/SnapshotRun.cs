using System.Text;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Compiler;
using Mtlc.Compiler.Views;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Files;

namespace Mtlc.Cli.Commands.Snapshots;

/// <summary>What is done about snapshots that are missing or differ.</summary>
enum SnapshotMode
{
    Write,
    Verify,
    Accept,
}

enum SnapshotOutcome
{
    Same,
    Written,
    Accepted,
    Missing,
    Differs,
    Broken,
}

/// <param name="Part">null for a program that does not compile.</param>
/// <param name="Message">What differs, for a report.</param>
sealed record SnapshotResult(string Program, SnapshotPart? Part, SnapshotOutcome Outcome, string Message = "")
{
    public bool IsGood => Outcome is SnapshotOutcome.Same or SnapshotOutcome.Written or SnapshotOutcome.Accepted;
}

/// <summary>Makes, compares or accepts the snapshots of one program after the other, and shows what differs.</summary>
sealed class SnapshotRun(SnapshotMode mode, IReadOnlyCollection<SnapshotPart> also)
{
    /// <summary>What no reviewer reads to its end is left to a tool for differences.</summary>
    const int MostLines = 150;

    static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    readonly Terminal output = Terminal.Output;

    /// <param name="isNamed">Whether the user asked for this file; of a folder's, those without a model are passed over.</param>
    public IEnumerable<SnapshotResult> Of(string path, bool isNamed)
    {
        var compilation = Compilation.Compile(UserText.Read(path), UserText.TryRead);
        var kept = Snapshot.All.Where(p => File.Exists(Snapshot.PathOf(path, p))).ToList();
        if (compilation.Program is { } program)
            return
            [
                .. Snapshot
                    .All.Where(p => Snapshot.Always.Contains(p) || also.Contains(p) || kept.Contains(p))
                    .Select(p => Of(path, program, p)),
            ];
        if (
            !isNamed
            && kept.Count == 0
            && compilation.LacksModel
            && compilation.Diagnostics.Count(d => d.Severity == Severity.Error) == 1
        )
            return [];
        Programs.Show(compilation.Diagnostics, compilation.Suppressed);
        return
        [
            new(
                path,
                null,
                SnapshotOutcome.Broken,
                DiagnosticText.Of(compilation.Diagnostics, compilation.Suppressed, DiagnosticFormat.Human)
            ),
        ];
    }

    SnapshotResult Of(string path, CompiledProgram program, SnapshotPart part)
    {
        var (verified, received) = (Snapshot.PathOf(path, part), Snapshot.PathOf(path, part, "received"));
        var text = Snapshot.Write(program, part);
        var before = File.Exists(verified) ? RegularFile.ReadAllText(verified) : null;
        var difference = before is null ? null : SnapshotDifference.Between(part, before, text, program.Data.Augment.Crop);
        if (before is not null && difference is null)
        {
            File.Delete(received);
            return new(path, part, SnapshotOutcome.Same);
        }
        if (mode == SnapshotMode.Accept || (mode == SnapshotMode.Write && before is null))
        {
            File.WriteAllText(verified, text, Encoding);
            File.Delete(received);
            output.WriteLine($"{(before is null ? "written" : "accepted")}: {verified}");
            return new(path, part, before is null ? SnapshotOutcome.Written : SnapshotOutcome.Accepted);
        }
        File.WriteAllText(received, text, Encoding);
        if (difference is null)
        {
            output.WriteLine($"{output.Style("missing", Ink.Red)}: {verified}; what it would hold is in {received}");
            output.WriteLine();
            return new(path, part, SnapshotOutcome.Missing, $"there is no {verified}");
        }
        output.WriteLine($"{output.Style("changed", Ink.Red)}: {verified}");
        var lines = UnifiedDiff.Of(verified, before!, text).TrimEnd().ReplaceLineEndings("\n").Split('\n');
        lines[1] = lines[1].Replace(verified, received, StringComparison.Ordinal);
        foreach (var line in difference.Structure.Append("").Concat(lines.Take(MostLines)))
            output.WriteLine(Coloured(line));
        if (lines.Length > MostLines)
            output.WriteLine($"... {Quantity.Grouped(lines.Length - MostLines)} lines more: diff -u {verified} {received}");
        output.WriteLine();
        return new(path, part, SnapshotOutcome.Differs, string.Join('\n', difference.Structure.Append("").Concat(lines)));
    }

    string Coloured(string line) =>
        line switch
        {
            ['-', ..] => output.Style(line, Ink.Red),
            ['+', ..] => output.Style(line, Ink.Green),
            ['~', ..] => output.Style(line, Ink.Yellow),
            ['@' or '=', ..] => output.Style(line, Ink.Cyan),
            _ => line,
        };
}
