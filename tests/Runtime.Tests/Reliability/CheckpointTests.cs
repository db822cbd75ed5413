using System.Collections.Immutable;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Tests.Reliability;

/// <summary>Checkpoints as files: damaged in every way, replaced, cleared, of other versions.</summary>
public sealed class CheckpointTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-checkpoints-").FullName;
    readonly CheckpointFolder folder;

    public CheckpointTests()
    {
        TorchRuntime.Start();
        folder = new(Path.Combine(root, "checkpoints"));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    string Save(long step, int keep = 2, BestEvaluation? best = null)
    {
        using var scope = NewDisposeScope();
        var state = new RunState(
            "small",
            0,
            step,
            0,
            0,
            false,
            best,
            ImmutableDictionary<string, double[]>.Empty.Add("s", [step, double.NaN])
        );
        return folder.Save(
            state,
            TensorCopies.Of([("conv.weight", full(2, 3, Held((float)step))), ("bn.num", tensor(step))]),
            TensorCopies.Of([("conv.weight/exp_avg", zeros(2, 3))]),
            keep
        );
    }

    string[] Names => [.. folder.All.Select(p => Path.GetFileName(p))];

    [Fact]
    public void Every_byte_flipped_and_every_length_cut_gives_the_checkpoint_before()
    {
        Save(1);
        var newest = Save(2);
        using (var whole = folder.Newest())
            Assert.Equal(2, whole.Run.Step);
        var trials = 0;
        foreach (var file in Directory.GetFiles(newest))
        {
            var bytes = File.ReadAllBytes(file);
            for (var at = 0; at < bytes.Length; at++)
            {
                foreach (var mask in (byte[])[0x01, 0x20, 0xFF])
                    Trial(file, [.. bytes.AsSpan(0, at), (byte)(bytes[at] ^ mask), .. bytes.AsSpan(at + 1)], ref trials);
                Trial(file, bytes[..at], ref trials);
            }
            Trial(file, [.. bytes, 0], ref trials);
            File.Delete(file);
            using (var before = folder.Newest())
                Assert.Equal(1, before.Run.Step);
            File.WriteAllBytes(file, bytes);
        }
        Assert.True(trials > 3000);
        using var again = folder.Newest();
        Assert.Equal(2, again.Run.Step);
    }

    void Trial(string file, byte[] content, ref int trials)
    {
        trials++;
        File.WriteAllBytes(file, content);
        try
        {
            using var taken = folder.Newest();
            Assert.Equal(1, taken.Run.Step);
            Assert.Equal(1, taken.Weights.Tensors["bn.num"].item<long>());
        }
        catch (RunException e)
        {
            // The one flip that is no damage to the eye: "mtlc-checkpoint/1" becomes another version's.
            Assert.Contains("newer version", e.Message);
        }
    }

    [Theory]
    [InlineData(Checkpoint.Model)]
    [InlineData(Checkpoint.Optimizer)]
    [InlineData(Checkpoint.State)]
    [InlineData(Checkpoint.Manifest)]
    public void A_folder_where_a_file_should_be_is_named_as_that(string file)
    {
        Save(1);
        var path = Path.Combine(Save(2), file);
        File.Delete(path);
        Directory.CreateDirectory(path);
        var told = new List<string>();

        using (var before = folder.Newest(told.Add))
            Assert.Equal(1, before.Run.Step);
        Assert.Equal($"{path}: a folder, not a file; the checkpoint before it is tried", Assert.Single(told));
        Assert.EndsWith(CheckpointFolder.NameOf(1), folder.Find("best"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_is_refused_with_words_and_not_passed_over()
    {
        Save(1);
        var newest = Save(2);
        var manifest = Path.Combine(newest, Checkpoint.Manifest);
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest).Replace("mtlc-checkpoint/1", "mtlc-checkpoint/2", StringComparison.Ordinal)
        );
        var passed = new List<string>();
        var message = Assert.Throws<RunException>(() => folder.Newest(passed.Add)).Message;
        Assert.Equal(
            $"{manifest}: written by a newer version of mtlc in the format mtlc-checkpoint/2; this one reads "
                + $"mtlc-checkpoint/1: update mtlc",
            message
        );
        Assert.Empty(passed);
    }

    /// <summary>Written by hand (fixtures/make.py); it must be readable as long as this project lives.</summary>
    [Fact]
    public void The_first_format_is_read()
    {
        using var checkpoint = Checkpoint.Load(Path.Combine(AppContext.BaseDirectory, "Reliability", "fixtures", "checkpoint-1"));
        Assert.Equal([0.5f, -1.25f], checkpoint.Weights.Tensors["conv.weight"].data<float>().ToArray());
        Assert.Equal(7, checkpoint.Weights.Tensors["bn.num_batches_tracked"].item<long>());
        Assert.Equal([1e-3f, 2e-3f], checkpoint.OptimizerState.Tensors["conv.weight/exp_avg"].data<float>().ToArray());
        Assert.Equal(
            ("small", 3, 7, 1, 0, false),
            (
                checkpoint.Run.Program,
                checkpoint.Run.Seed,
                checkpoint.Run.Step,
                checkpoint.Run.Skipped,
                checkpoint.Run.SkippedInARow,
                checkpoint.Run.EvaluationDue
            )
        );
        Assert.Equal(new(41.5, 4, "step-00000004"), checkpoint.Run.Best);
        Assert.Equal([1.5, double.NaN], checkpoint.Run.Balancing["losses"]);
    }

    [Fact]
    public void The_last_few_and_the_best_are_kept()
    {
        var best = new BestEvaluation(1, 2, CheckpointFolder.NameOf(2));
        for (var step = 1; step <= 6; step++)
            Save(step, best: step < 2 ? null : best);
        Assert.Equal(["step-00000002", "step-00000005", "step-00000006"], Names);
        Assert.EndsWith("step-00000002", folder.Find("best"));
    }

    [Theory]
    [InlineData(Checkpoint.Model)]
    [InlineData(Checkpoint.Optimizer)]
    [InlineData(Checkpoint.State)]
    public void Which_one_is_best_the_newest_says_that_is_whole(string damaged)
    {
        Save(1, keep: 3);
        Save(2, keep: 3, best: new(1, 1, CheckpointFolder.NameOf(1)));
        Save(3, keep: 3, best: new(2, 3, CheckpointFolder.NameOf(3)));
        Assert.EndsWith("step-00000003", folder.Find("best"));

        File.AppendAllText(Path.Combine(folder.Path, CheckpointFolder.NameOf(3), damaged), " ");
        Assert.EndsWith("step-00000001", folder.Find("best"));
    }

    [Fact]
    public void Damaged_ones_of_later_steps_push_nothing_out()
    {
        foreach (var step in (long[])[4, 6, 8])
            Save(step, keep: 3);
        foreach (var step in (long[])[6, 8])
            File.Delete(Path.Combine(folder.Path, CheckpointFolder.NameOf(step), Checkpoint.State));
        using (var taken = folder.Newest())
            Assert.Equal(4, taken.Run.Step);
        Save(5);
        Assert.Equal(["step-00000004", "step-00000005"], Names);
    }

    [Fact]
    public void A_save_that_fails_leaves_everything_as_it_was()
    {
        Save(1);
        using var one = ones(1);
        var state = new RunState("small", 0, 2, 0, 0, false, null, ImmutableDictionary<string, double[]>.Empty);
        Assert.Throws<ArgumentException>(() =>
            folder.Save(state, TensorCopies.Of([("a", one)]), TensorCopies.Of([("b", one), ("b", one)]), 1)
        );
        Assert.Equal(["step-00000001"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_a_killed_process_leaves_is_cleared_by_the_next_trainer_alone()
    {
        var only = Save(3);
        Directory.Move(only, Checkpoint.ReplacedPath(only)); // killed between the two renames of a second save of a step
        Directory.CreateDirectory(Path.Combine(folder.Path, ".step-00000003.tmp"));
        Directory.CreateDirectory(Path.Combine(folder.Path, ".step-00000001.old"));
        _ = new CheckpointFolder(folder.Path); // somebody looks on
        Assert.Equal(3, Directory.GetDirectories(folder.Path).Length);
        folder.Recover();
        Assert.Equal(["step-00000003"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName));
        using var whole = folder.Newest();
        Save(3);
        Assert.Equal(["step-00000003"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_lock_names_its_owner_and_a_left_one_is_taken_over()
    {
        using (new RunLock(root))
        {
            Assert.True(RunLock.IsHeld(root));
            var refused = Assert.Throws<RunException>(() => new RunLock(root)).Message;
            Assert.Contains($"(process {Environment.ProcessId} on {Environment.MachineName})", refused);
        }
        Assert.False(RunLock.IsHeld(root));
        var warnings = new List<string>();
        File.WriteAllText(Path.Combine(root, "run.lock.owner"), $"process 1 on {Environment.MachineName}\n"); // killed
        new RunLock(root, warnings.Add).Dispose();
        Assert.Empty(warnings);
        File.WriteAllText(Path.Combine(root, "run.lock.owner"), "process 1 on elsewhere\n");
        new RunLock(root, warnings.Add).Dispose();
        Assert.Contains("process 1 on elsewhere", Assert.Single(warnings));
    }
}
