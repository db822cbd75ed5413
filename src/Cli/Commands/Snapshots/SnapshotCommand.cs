using System.CommandLine;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Files;
using Mtlc.Cli.Output;
using Mtlc.Compiler.Views;

namespace Mtlc.Cli.Commands.Snapshots;

/// <summary>`mtlc snapshot PATHS`: what programs compile to, kept beside them and compared.</summary>
static class SnapshotCommand
{
    public static Verb Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description =
                "A program, or a folder: every program with a model in it and below, but for what .gitignore leaves out. "
                + "Default: this folder.",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => ["."],
        };
        var verify = new Option<bool>("--verify")
        {
            Description = "Write no snapshot: one that is missing is a difference too. For continuous integration.",
        };
        var accept = new Option<bool>("--accept")
        {
            Description = "Put what programs compile to now in the place of the snapshots.",
        };
        var with = Parts();
        var junit = new Option<string?>("--junit") { HelpName = "FILE", Description = "Also write the result as JUnit's XML." };
        var verb = new Verb(
            "snapshot",
            "Keep what programs compile to beside them, and show what changed",
            """
            Writes NAME.train.verified.txt and NAME.infer.verified.txt beside each NAME.mtl, the graphs as 'mtlc graph'
            prints them. Where a snapshot is there and the program compiles to something else, it shows what changed
            (statements, operations, parameters, multiply-adds, memory of feature maps, then the lines), writes what it
            found as NAME.train.received.txt, and returns 1; --accept takes it over.

            Parts that have a snapshot are compared without being named again.
            """,
            "mtlc snapshot models  # the first time: writes; then: compares, and writes for new programs",
            "mtlc snapshot --verify  # every program below this folder",
            "mtlc snapshot --accept models/branched.mtl",
            "mtlc snapshot models --with plan,shapes",
            "mtlc snapshot --verify --junit snapshots.xml"
        )
        {
            paths,
            verify,
            accept,
            with,
            junit,
        };
        verb.SetAction(parsed =>
        {
            if (parsed.GetValue(verify) && parsed.GetValue(accept))
                throw Failure.Usage("'--verify' and '--accept' exclude each other", "'--verify' compares, '--accept' writes");
            var mode =
                parsed.GetValue(verify) ? SnapshotMode.Verify
                : parsed.GetValue(accept) ? SnapshotMode.Accept
                : SnapshotMode.Write;
            var files = ProgramFiles.Find(parsed.GetRequiredValue(paths));
            var run = new SnapshotRun(mode, parsed.GetValue(with) ?? []);
            var results = files.SelectMany(f => run.Of(f.Path, f.IsNamed)).ToList();
            if (results.Count == 0)
                throw Failure.InputOutput(
                    $"there is no program with a model in {string.Join(", ", parsed.GetRequiredValue(paths))}"
                );
            if (parsed.GetValue(junit) is { } report)
                JUnitReport.Write(report, results);
            WriteEnd(Terminal.Output, results);
            return results.TrueForAll(r => r.IsGood) ? ExitCode.Done : ExitCode.ProgramErrors;
        });
        return verb;
    }

    static void WriteEnd(Terminal output, List<SnapshotResult> results)
    {
        var counts = results
            .GroupBy(r => r.Outcome)
            .OrderBy(g => g.Key)
            .Select(g => $"{Quantity.Grouped(g.Count())} {Words(g.Key)}");
        var programs = results.Select(r => r.Program).Distinct().Count();
        output.WriteText(
            $"{Quantity.Grouped(programs)} program{(programs == 1 ? "" : "s")}, snapshots: {string.Join(", ", counts)}"
        );
        if (results.Exists(r => r.Outcome is SnapshotOutcome.Differs or SnapshotOutcome.Missing))
            output.WriteText("'mtlc snapshot --accept PATH' takes over what was found.");
    }

    static string Words(SnapshotOutcome outcome) =>
        outcome switch
        {
            SnapshotOutcome.Same => "unchanged",
            SnapshotOutcome.Written => "written",
            SnapshotOutcome.Accepted => "accepted",
            SnapshotOutcome.Missing => "missing",
            SnapshotOutcome.Differs => "changed",
            _ => "not made, for errors in the program",
        };

    static Option<SnapshotPart[]> Parts()
    {
        var words = Snapshot.All.Except(Snapshot.Always).ToDictionary(Snapshot.Word, p => p, StringComparer.Ordinal);
        return new("--with")
        {
            HelpName = "PART,PART...",
            Description =
                "Also keep shapes (of statements), parameters (the state dict), plan (memory), loss (as expanded), "
                + "drawing (SVG).",
            CustomParser = result =>
            {
                var asked = result.Tokens.SelectMany(t => t.Value.Split(',')).ToList();
                if (asked.Find(w => !words.ContainsKey(w)) is { } wrong)
                    result.AddError($"'--with' takes {string.Join(", ", words.Keys)}, not '{wrong}'");
                return [.. asked.Where(words.ContainsKey).Select(w => words[w])];
            },
        };
    }
}
