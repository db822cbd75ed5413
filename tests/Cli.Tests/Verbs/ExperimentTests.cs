using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mtlc.Tests.Verbs;

/// <summary>A sweep as a user runs it, killed, started again, listed, compared and laid out.</summary>
public sealed class ExperimentTests : IDisposable
{
    readonly Command command = new();

    public ExperimentTests()
    {
        command.Write("tiny.mtl", Programs.Tiny);
        command.Write(
            "study.mtl",
            """
            import "tiny.mtl"
            sweep study {
              data.source: [synthetic { scenes: 8, size: 64x64 }, miniscapes("nowhere")]
              train.seed: range(2)
            }
            """
        );
    }

    public void Dispose() => command.Dispose();

    [Fact]
    public void A_sweep_that_was_killed_and_started_again_gives_the_table_of_an_undisturbed_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kill -9");
        const string more = "--set train.epochs=3 --set data.augment.crop=32 --device cpu";
        var whole = command.Shell($"dotnet \"$MTLC\" sweep study.mtl --out whole {more}");
        Assert.Equal(3, whole.ExitCode);
        Assert.Contains("nowhere", whole.Output, StringComparison.Ordinal);

        var killed = command.Shell(
            $"""
            dotnet "$MTLC" sweep study.mtl --out killed {more} > /dev/null & pid=$!
            until ls killed/*/steps.csv 2> /dev/null | grep -q . || ! kill -0 $pid; do sleep 0.1; done
            kill -KILL $pid; wait $pid
            dotnet "$MTLC" sweep study.mtl --out killed {more}
            """
        );

        Assert.Equal(3, killed.ExitCode);
        Assert.Equal(Table(whole.Output), Table(killed.Output));
        Assert.Equal(2, Regex.Count(Table(whole.Output), " finished "));
        Assert.Equal(2, Regex.Count(Table(whole.Output), " failed "));

        var again = command.Shell($"dotnet \"$MTLC\" sweep study.mtl --out whole {more}");
        Assert.Contains("2 of 4 recipes done before", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("train.seed = 0  finished", again.Output, StringComparison.Ordinal);
        Assert.Equal(Table(whole.Output), Table(again.Output));

        var runs = command.Run("runs", "whole", "--where", "state=finished", "--sort", "multitask", "--format", "json");
        Assert.True(runs.ExitCode == 0, runs.Errors);
        Assert.Equal(2, JsonDocument.Parse(runs.Output).RootElement.GetProperty("runs").GetArrayLength());
        var report = command.Run("report", "whole", "--out", "page/report.html");
        Assert.True(report.ExitCode == 0, report.Errors);
        Assert.Contains(
            "</html>",
            File.ReadAllText(Path.Combine(command.Folder, "page", "report.html")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_halving_that_was_killed_gives_the_table_of_an_undisturbed_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kill -9");
        command.Write(
            "halving.mtl",
            """
            import "tiny.mtl"
            sweep study {
              data.source: [synthetic { scenes: 8, size: 64x64 }, synthetic { scenes: 8, size: 64x64 }, synthetic { scenes: 8, size: 64x64 }, miniscapes("nowhere")]
                with train.seed: range(4)
              stop: halving(factor: 3)
            }
            """
        );
        const string more = "--set data.augment.crop=32 --device cpu";
        var plan = command.Run("sweep", "halving.mtl", "--dry-run");
        Assert.Contains(
            "halving by multitask: the best of every 3 goes on to the next rung",
            plan.Output,
            StringComparison.Ordinal
        );
        Assert.Matches(@"(?m)^ +1 +1 +4$\n^ +2 +2 +1$", plan.Output);

        var whole = command.Shell($"dotnet \"$MTLC\" sweep halving.mtl --out whole {more}");
        // Killed while the second point is trained.
        var killed = command.Shell(
            $"""
            dotnet "$MTLC" sweep halving.mtl --out killed {more} > /dev/null & pid=$!
            until [ $(ls -d killed/*/steps.csv 2> /dev/null | wc -l) -ge 2 ] || ! kill -0 $pid; do sleep 0.05; done
            kill -KILL $pid; wait $pid
            dotnet "$MTLC" sweep halving.mtl --out killed {more}
            """
        );

        Assert.Equal((3, 3), (whole.ExitCode, killed.ExitCode)); // one point always fails
        Assert.Equal(Table(whole.Output), Table(killed.Output));
        Assert.Equal(2, Regex.Count(Table(whole.Output), " stopped early "));
        Assert.Equal(1, Regex.Count(Table(whole.Output), " finished "));
        Assert.Equal(1, Regex.Count(Table(whole.Output), " failed "));
        Assert.Contains("stopped early", command.Run("runs", "whole").Output, StringComparison.Ordinal);
        Assert.Contains(
            "Stopped early: 2.",
            Page(command.Run("report", "whole", "--out", "page.html"), "page.html"),
            StringComparison.Ordinal
        );
    }

    string Page(Infrastructure.Repository.Outcome report, string file)
    {
        Assert.True(report.ExitCode == 0, report.Errors);
        return File.ReadAllText(Path.Combine(command.Folder, file));
    }

    [Fact]
    public void A_dry_run_checks_and_trains_nothing()
    {
        var plan = command.Run("sweep", "study.mtl", "--dry-run");

        Assert.True(plan.ExitCode == 0, plan.Errors);
        Assert.Contains("4 points, 4 different recipes, 4 to run", plan.Output, StringComparison.Ordinal);
        Assert.Contains("the data cannot be opened", plan.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "runs")));

        var wrong = command.Run("sweep", "study.mtl", "--dry-run", "--set", "train.batch=0");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("'batch' of train must be", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_that_cannot_fit_into_memory_does_not_begin()
    {
        // Thousands of pictures of 16 megapixels at a time: no machine has that.
        command.Write(
            "huge.mtl",
            """
            import "small.mtl"
            sweep sizes { train.batch: [2, 60000] }
            """
        );
        command.Write("small.mtl", Reliability.SmallRun.Program);
        string[] large = ["--set", "data.source=synthetic{scenes:100000,size:4096x4096}", "--set", "data.augment.crop=4096"];

        var refused = command.Run(["sweep", "huge.mtl", "--device", "cpu", .. large]);
        var dry = command.Run(["sweep", "huge.mtl", "--device", "cpu", "--dry-run", .. large]);
        var run = command.Run(["run", "small.mtl", "--device", "cpu", "--out", "r", "--set", "train.batch=60000", .. large]);

        Assert.Equal((74, 0, 74), (refused.ExitCode, dry.ExitCode, run.ExitCode));
        Assert.Matches(
            @"^error: point \d \(train.batch = \d+\): training with train.batch = \d+ would take [\d,.]+ [GT]iB, and [\d,.]+ [GMT]iB may be used \(",
            refused.Errors
        );
        Assert.Contains("memory: point ", dry.Output, StringComparison.Ordinal);
        Assert.Matches(
            @"^error: training with train.batch = 60000 would take [\d,.]+ [GT]iB, and [^\n]+\nhelp: (the largest train.batch that fits is \d+|not even)",
            run.Errors
        );
        Assert.False(
            Directory.Exists(Path.Combine(command.Folder, "r")) || Directory.Exists(Path.Combine(command.Folder, "runs"))
        );
    }

    /// <summary>An sbatch that runs the array's tasks at once, one after the other, as a node does.</summary>
    const string Sbatch = """
        #!/bin/bash
        cat > job
        for i in $(sed -n 's/^#SBATCH --array=\([0-9]*\)-\([0-9]*\)$/\1 \2/p' job | xargs seq); do
          SLURM_JOB_ID=$i SLURM_ARRAY_TASK_ID=$i bash job > "task-$i" 2>&1; echo "$i $?" >> codes
        done
        echo "$@" >> submitted
        echo 4711
        """;

    [Fact]
    public void A_sweep_on_a_cluster_gives_the_table_of_one_that_ran_here()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "bash");
        command.Write("bin/sbatch", Sbatch);
        const string more = "--set train.epochs=1 --set data.augment.crop=32 --device cpu";
        const string here = "export PATH=\"$PWD/bin:$PATH\"; chmod +x bin/sbatch;";

        var dry = command.Shell($"dotnet \"$MTLC\" sweep study.mtl {more} --launch slurm --jobs 2 --dry-run");
        Assert.StartsWith("#!/bin/bash\n#SBATCH --job-name=study\n#SBATCH --array=1-4%2\n", dry.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "runs")));

        var submitted = command.Shell($"{here} dotnet \"$MTLC\" sweep study.mtl {more} --launch slurm --rounds 2");
        var whole = command.Shell($"dotnet \"$MTLC\" sweep study.mtl {more}");
        var local = command.Shell($"dotnet \"$MTLC\" sweep study.mtl {more} --out local");

        Assert.True(submitted.ExitCode == 0, submitted.Errors);
        Assert.Contains("4 points submitted", submitted.Output, StringComparison.Ordinal);
        // What another machine has finished is not run again, by the second round or here; a point that fails is tried again.
        Assert.Equal(
            ["1 0", "2 0", "3 65", "4 65", "1 0", "2 0", "3 65", "4 65"],
            File.ReadAllLines(Path.Combine(command.Folder, "codes"))
        );
        Assert.Contains(
            "point 2: done before",
            File.ReadAllText(Path.Combine(command.Folder, "task-2")),
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["--parsable", "--parsable --dependency=afternotok:4711 --kill-on-invalid-dep=yes"],
            File.ReadAllLines(Path.Combine(command.Folder, "submitted"))
        );
        Assert.Contains("2 of 4 recipes done before", whole.Output, StringComparison.Ordinal);
        Assert.Equal(Table(local.Output), Table(whole.Output));

        command.Write("tiny.mtl", Programs.Tiny.Replace("1e-3", "2e-3", StringComparison.Ordinal));
        var changed = command.Shell($"dotnet \"$MTLC\" sweep study.mtl {more} --point 1");
        Assert.Equal(74, changed.ExitCode);
        Assert.Contains("the program has changed", changed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--launch kubernetes", "needs '--image' and '--volume'")]
    [InlineData("--launch slurm --image i", "'--image' has no meaning with --launch slurm")]
    [InlineData("--gpus 1", "'--gpus' has no meaning with --launch local")]
    [InlineData("--point 9", "has no point 9")]
    [InlineData("--launch kubernetes --image i --volume work", "'--volume' takes CLAIM:PATH")]
    public void What_a_cluster_cannot_do_is_said(string options, string message)
    {
        var refused = command.Run(["sweep", "study.mtl", .. options.Split(' ')]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(message, refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_shows_what_each_declaration_accounts_for()
    {
        command.Write("wide.mtl", Programs.Tiny.Replace("train {", "train { seed: 7, ", StringComparison.Ordinal));

        var seed = command.Run("compare", "tiny.mtl", "wide.mtl");
        var same = command.Run("compare", "tiny.mtl", "tiny.mtl");

        Assert.True(seed.ExitCode == 0, seed.Errors);
        Assert.Contains("The same recipe with another seed.", seed.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^train\.seed +0 +7$", seed.Output);
        Assert.Contains("The same experiment", same.Output, StringComparison.Ordinal);
    }

    static string Table(string output) =>
        Regex.Replace(output[output.IndexOf("point  ", StringComparison.Ordinal)..], @"\s+\n", "\n");
}
