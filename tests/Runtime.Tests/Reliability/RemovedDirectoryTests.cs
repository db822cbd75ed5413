using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Reliability;

/// <summary>A run whose directory is deleted or replaced while it trains.</summary>
public sealed class RemovedDirectoryTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-removed-").FullName;

    string Run => Path.Combine(root, "run");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("deleted", "was deleted")]
    [InlineData("moved", "was deleted")]
    [InlineData("lock", "lost its run.lock")]
    [InlineData("replaced", "was replaced")]
    public void It_ends_and_writes_nothing_more(string how, string said)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a directory in use cannot be deleted there");
        string[] after = [];
        var error = Assert.Throws<RunException>(() =>
            Trainer.Run(
                TinyRun.Program(epochs: 4),
                new(Run, "cpu") { Data = new TinyRun.Blocks() },
                new()
                {
                    Stepped = step =>
                    {
                        if (step.Step == 5)
                            after = Remove(how);
                    },
                }
            )
        );
        Assert.Contains($"{Run}: {said}", error.Message, StringComparison.Ordinal);
        Assert.Equal(after, Contents());
    }

    [Fact]
    public void Another_run_in_its_place_is_left_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a directory in use cannot be deleted there");
        TrainingResult? second = null;
        Assert.Throws<RunException>(() =>
            Trainer.Run(
                TinyRun.Program(epochs: 4),
                new(Run, "cpu") { Data = new TinyRun.Blocks() },
                new()
                {
                    Stepped = step =>
                    {
                        if (step.Step != 5)
                            return;
                        Remove("deleted");
                        second = Trainer.Run(TinyRun.Program(epochs: 2), new(Run, "cpu") { Data = new TinyRun.Blocks() });
                    },
                }
            )
        );
        Assert.Equal(8, second!.Steps);
        Assert.Equal(9, File.ReadAllLines(Path.Combine(Run, "steps.csv")).Length);
        using var newest = new CheckpointFolder(Path.Combine(Run, "checkpoints")).Newest();
        Assert.Equal(8, newest.Run.Step);
    }

    [Fact]
    public void Runs_that_ask_at_once_each_get_a_directory_of_their_own()
    {
        var made = new string[16];
        Parallel.For(0, made.Length, i => made[i] = RunDirectory.MakeFree(Path.Combine(root, "runs"), "net-20260101-000000"));
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.Equal(made.Order(), Directory.GetDirectories(Path.Combine(root, "runs")).Order());
        Assert.Contains(Path.Combine(root, "runs", "net-20260101-000000-16"), made);
    }

    string[] Remove(string how)
    {
        if (how == "lock")
        {
            File.Delete(Path.Combine(Run, "run.lock"));
            return Contents();
        }
        // At once, also for a save that is under way: a folder that is deleted file by file is one without its lock for a moment.
        var elsewhere = Path.Combine(root, "elsewhere");
        Directory.Move(Run, elsewhere);
        if (how == "deleted")
            Directory.Delete(elsewhere, recursive: true);
        if (how == "replaced")
        {
            Directory.CreateDirectory(Run);
            File.WriteAllText(Path.Combine(Run, "run.lock"), "");
        }
        return Contents();
    }

    // What is named: a save under way may still clear away what it began.
    string[] Contents() =>
        !Directory.Exists(Run)
            ? []
            :
            [
                .. Directory
                    .GetFileSystemEntries(Run, "*", SearchOption.AllDirectories)
                    .Where(p =>
                        !Path.GetRelativePath(Run, p).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.'))
                    )
                    .Order(StringComparer.Ordinal),
            ];
}
