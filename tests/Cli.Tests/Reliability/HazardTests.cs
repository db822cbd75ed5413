using System.Text.RegularExpressions;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

/// <summary>Everyday hazards: locales, odd paths, homes and terminals, full disks.</summary>
public sealed class HazardTests : IDisposable
{
    readonly Command command = new();

    public HazardTests() => command.Write("small.mtl", SmallRun.Program);

    public void Dispose() => command.Dispose();

    [Fact]
    public void Locale_path_home_and_terminal_change_no_byte_of_a_run()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "a shell");
        var outcome = command.Shell(
            """
            dotnet "$MTLC" run small.mtl --out plain --device cpu > /dev/null || exit 1
            odd="$PWD/Übung mit 'Leerzeichen' ışık 交差点"
            mkdir "$odd"; cp small.mtl "$odd/ağ 1.mtl"; cd "$odd"
            unset TERM
            export LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 COLUMNS=40 TZ=Asia/Kathmandu HOME=/proc/no/home XDG_CACHE_HOME=/proc/no/cache DOTNET_CLI_HOME=/tmp
            dotnet "$MTLC" run "ağ 1.mtl" --out "läufe/ilk İ" --device cpu --max-steps 5 | head -1
            echo "piped ${PIPESTATUS[0]}"
            dotnet "$MTLC" resume "läufe/ilk İ" --device cpu > out || exit 1
            dotnet "$MTLC" summary "ağ 1.mtl" | head -1 > /dev/null; echo "head ${PIPESTATUS[0]}"
            """
        );
        Assert.True(outcome.Output.EndsWith("piped 0\nhead 0\n", StringComparison.Ordinal), outcome.Output + outcome.Errors);
        var odd = Path.Combine(command.Folder, "Übung mit 'Leerzeichen' ışık 交差点");
        Assert.Equal(
            SmallRun.Digest(Path.Combine(command.Folder, "plain")),
            SmallRun.Digest(Path.Combine(odd, "läufe", "ilk İ"))
        );
        Assert.DoesNotMatch(@"\d,\d\D", File.ReadAllText(Path.Combine(odd, "out")));
    }

    /// <summary>`--max-steps 5` above evaluated at a step that is none of the recipe's; the digest shows that no trace of it is
    /// left.</summary>
    [Fact]
    public void A_full_disk_ends_with_74_and_one_line_and_leaves_the_checkpoints()
    {
        var outcome = command.Shell(
            """
            command -v unshare > /dev/null || { echo skip; exit; }
            mkdir full && unshare -rm bash -c '
              mount -t tmpfs -o size=8m none full 2> /dev/null || { echo skip; exit; }
              dotnet "$MTLC" run small.mtl --out full/r --device cpu --max-steps 7 > /dev/null 2> errors; echo "first $?"
              cp -r full/r/checkpoints before
              head -c 16m /dev/zero > full/filler 2> /dev/null
              dotnet "$MTLC" resume full/r --device cpu > /dev/null 2> errors-full; echo "full $?"
              for c in before/*; do diff -r $c full/r/checkpoints/$(basename $c) || echo "changed $c"; done
              truncate -s -1500000 full/filler
              dotnet "$MTLC" resume full/r --device cpu --set x 2> /dev/null; echo "usage $?"
              dotnet "$MTLC" run small.mtl --out full/r --resume --set train.checkpoint.keep=400 --device cpu > /dev/null 2> errors-room; echo "room $?"
              rm full/filler
              dotnet "$MTLC" resume full/r --device cpu > /dev/null 2> errors; echo "after $?"
              cp -r full/r end
              mount -o remount,ro full
              dotnet "$MTLC" run small.mtl --out full/other --device cpu > /dev/null 2> errors-read-only; echo "read-only $?"
            '
            dotnet "$MTLC" run small.mtl --out whole --device cpu > /dev/null
            """
        );
        Assert.SkipWhen(outcome.Output.StartsWith("skip", StringComparison.Ordinal), "needs the right to mount a tmpfs");
        Assert.True(
            outcome.Output == "first 0\nfull 74\nusage 2\nroom 74\nafter 0\nread-only 74\n",
            outcome.Output + outcome.Errors
        );
        var error = File.ReadAllText(Path.Combine(command.Folder, "errors-full"));
        Assert.True(Regex.IsMatch(error, @"^error: [^\n]*(disk|space)[^\n]*\n(help: [^\n]*\n)?$"), error);
        Assert.Matches(
            @"^error: Read-only file system[^\n]*full/other'\nhelp: change its permissions, or name another place\n$",
            File.ReadAllText(Path.Combine(command.Folder, "errors-read-only"))
        );
        var room = File.ReadAllText(Path.Combine(command.Folder, "errors-room"));
        Assert.Matches(
            @"^error: full/r: its disk has 1[.\d]* MB free, and the run needs [\d.]+ MB for up to \d+ checkpoints",
            room
        );
        Assert.Equal(
            SmallRun.Digest(Path.Combine(command.Folder, "whole")),
            SmallRun.Digest(Path.Combine(command.Folder, "end"))
        );
    }

    [Fact]
    public void Verify_resume_proves_it_on_a_program()
    {
        // After step 4 an epoch ends; the evaluation after the third is due at 12 and the stop comes before it.
        var outcome = command.Run("verify-resume", "small.mtl", "--steps", "14", "--at", "4,5,12", "--device", "cpu");
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        Assert.Equal(
            "stopped after step 4, resuming\nstopped after step 5, resuming\nstopped after step 12, resuming\n",
            outcome.Errors
        );
        Assert.Matches(@"(?m)^weights +equal  [0-9a-f]{16}$", outcome.Output);
        Assert.Contains(
            "Stopped after step 4 and 5 and 12 and resumed, the run of 14 steps is bit-identical",
            outcome.Output,
            StringComparison.Ordinal
        );

        Assert.Equal(2, command.Run("verify-resume", "small.mtl", "--steps", "5", "--at", "5").ExitCode);
        Assert.Equal(2, command.Run("verify-resume", "small.mtl", "--at", "1;2").ExitCode);
    }
}
