using System.Text.RegularExpressions;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

public sealed class SignalTests : IDisposable
{
    readonly Command command = new();

    public SignalTests() => command.Write("small.mtl", SmallRun.Program);

    public void Dispose() => command.Dispose();

    [Fact]
    public void Each_signal_saves_and_the_whole_is_as_if_never_stopped()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "signals");
        // The first signal comes while the process still loads its libraries: one step of progress is made all the same.
        var stopped = command.Shell(
            """
            set -m # else the shell makes its background jobs ignore SIGINT
            longer="--set train.epochs=150 --set train.evaluate.every=50 --set train.checkpoint.every=100"
            for signal in TERM INT HUP USR1; do
              rm -f log
              dotnet "$MTLC" run small.mtl --out r --resume --device cpu $longer > log 2>&1 & pid=$!
              until grep -qs '^step' log || ! kill -0 $pid; do sleep 0.02; done
              kill -$signal $pid; wait $pid; echo "$signal $? $(ls r/checkpoints | tail -1)"
            done
            dotnet "$MTLC" resume r --device cpu > log 2>&1; echo "end $?"
            dotnet "$MTLC" run small.mtl --out whole --device cpu $longer > log 2>&1; echo "whole $?"
            """
        );
        Assert.True(
            Regex.IsMatch(
                stopped.Output,
                @"^TERM 75 step-\d+\nINT 75 step-\d+\nHUP 75 step-\d+\nUSR1 75 step-\d+\nend 0\nwhole 0\n$"
            ),
            stopped.Output + stopped.Errors
        );
        var steps = Regex.Matches(stopped.Output, @"step-(\d+)").Select(m => m.Groups[1].Value).ToArray();
        Assert.Equal(steps.Distinct().Order(StringComparer.Ordinal), steps);
        Assert.Equal(SmallRun.Digest(Path.Combine(command.Folder, "whole")), SmallRun.Digest(Path.Combine(command.Folder, "r")));
    }

    [Fact]
    public void Nohup_outlives_a_hangup_and_no_output_ends_a_training()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full");
        var outcome = command.Shell(
            """
            nohup dotnet "$MTLC" run small.mtl --out r --device cpu --set train.epochs=20 --set train.evaluate.every=20 > log 2>&1 & pid=$!
            until grep -qs '^step' log || ! kill -0 $pid; do sleep 0.02; done
            kill -HUP $pid; wait $pid; echo "nohup $?"
            dotnet "$MTLC" run small.mtl --out full --device cpu --max-steps 7 > /dev/full 2> errors; echo "full $?"
            dotnet "$MTLC" run small.mtl --out closed --device cpu --max-steps 7 >&- 2> errors-closed; echo "closed $?"
            """
        );
        Assert.True(outcome.Output == "nohup 0\nfull 0\nclosed 0\n", outcome.Output + outcome.Errors);
        Assert.StartsWith(
            "warning: progress cannot be shown (",
            File.ReadAllText(Path.Combine(command.Folder, "errors")),
            StringComparison.Ordinal
        );
        Assert.Equal(
            SmallRun.Digest(Path.Combine(command.Folder, "closed")),
            SmallRun.Digest(Path.Combine(command.Folder, "full"))
        );
    }

    [Fact]
    public void A_second_writer_is_refused_and_a_second_SIGINT_ends_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "signals");
        var outcome = command.Shell(
            """
            set -m
            dotnet "$MTLC" run small.mtl --out r --device cpu --set train.epochs=100000 > log 2>&1 & pid=$!
            until grep -qs '^step' log || ! kill -0 $pid; do sleep 0.02; done
            dotnet "$MTLC" resume r --device cpu 2> refused; echo "second $? $pid"
            kill -INT $pid; kill -INT $pid; wait $pid; echo "first $?"
            dotnet "$MTLC" resume r --device cpu --max-steps 1 > log 2>&1; echo "after $?"
            """
        );
        var refused = File.ReadAllText(Path.Combine(command.Folder, "refused"));
        var match = Regex.Match(outcome.Output, @"^second 74 (\d+)\nfirst (\d+)\nafter 0\n$");
        Assert.True(match.Success, outcome.Output + outcome.Errors + refused);
        Assert.StartsWith(
            "error: r: another process is training into this directory (process ",
            refused,
            StringComparison.Ordinal
        );
        Assert.Contains($"process {match.Groups[1].Value} on {Environment.MachineName}", refused, StringComparison.Ordinal);
        Assert.Single(refused.TrimEnd().Split('\n'));
        // 130: by the second signal; 75: the step was over before it came.
        Assert.Contains(match.Groups[2].Value, (string[])["130", "75"]);
    }
}
