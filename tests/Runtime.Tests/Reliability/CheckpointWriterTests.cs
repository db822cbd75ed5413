using System.Collections.Immutable;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;
using static TorchSharp.torch;

namespace Mtlc.Tests.Reliability;

/// <summary>Saving beside training: what is saved is the state at the call, and nothing that goes wrong is lost.</summary>
public sealed class CheckpointWriterTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-writer-").FullName;
    readonly CheckpointFolder folder;

    public CheckpointWriterTests()
    {
        TorchRuntime.Start();
        folder = new(Path.Combine(root, "checkpoints"));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    static RunState State(long step) => new("small", 0, step, 0, 0, false, null, ImmutableDictionary<string, double[]>.Empty);

    [Fact]
    public void Training_goes_on_while_its_old_state_is_written_behind_the_log()
    {
        using var weight = zeros(5, 3);
        using var moment = ones(4, ScalarType.Float64);
        using var hold = new SemaphoreSlim(0);
        var (atFlush, saved) = (new List<int>(), new List<string?>());
        using var writer = new CheckpointWriter(
            folder,
            2,
            () =>
            {
                Assert.True(hold.Wait(TimeSpan.FromMinutes(2)));
                atFlush.Add(folder.All.Count);
            },
            path => saved.Add(Path.GetFileName(path))
        );
        writer.Save(State(1), [("w", weight)], [("m", moment)]);
        weight.fill_(Held(1));
        moment.fill_(Held(2));
        writer.Check(); // nothing has ended, nothing is waited for
        Assert.Empty(saved);
        Assert.Empty(folder.All);

        hold.Release(2); // the second save waits for the first and comes behind it
        writer.Save(State(2), [("w", weight)], [("m", moment)]);
        Assert.Equal(["step-00000001"], saved);
        writer.Wait();
        Assert.Equal(["step-00000001", "step-00000002"], saved);
        Assert.Equal([0, 1], atFlush);
        foreach (var (path, value) in folder.All.Zip((float[])[0, 1]))
        {
            using var checkpoint = Checkpoint.Load(path);
            Assert.All(checkpoint.Weights.Tensors["w"].data<float>().ToArray(), w => Assert.Equal(value, w));
            Assert.All(checkpoint.OptimizerState.Tensors["m"].data<double>().ToArray(), m => Assert.Equal(value + 1, m));
        }
    }

    [Fact]
    public void A_failure_is_thrown_once_and_the_next_save_can_succeed()
    {
        using var weight = ones(2);
        var isFull = true;
        using var writer = new CheckpointWriter(
            folder,
            1,
            () =>
            {
                if (isFull)
                    throw new IOException("No space left on device");
            }
        );
        writer.Save(State(1), [("w", weight)], []);
        Assert.Equal("No space left on device", Assert.Throws<IOException>(writer.Wait).Message);
        writer.Check();
        isFull = false;
        writer.Save(State(2), [("w", weight)], []);
        writer.Wait();
        Assert.Equal(["step-00000002"], folder.All.Select(Path.GetFileName));

        isFull = true;
        writer.Save(State(3), [("w", weight)], []);
        writer.Dispose(); // of a run that ended with another failure
        Assert.Equal(["step-00000002"], folder.All.Select(Path.GetFileName));
    }

    [Fact]
    public void Tensors_of_any_layout_size_and_type_are_copied_and_the_memory_is_used_again()
    {
        using var scope = NewDisposeScope();
        var large = arange(Held(0), Held(5 << 20), Held(1)).view(5, 1 << 20); // 40 MB of int64, in parts
        (string, Tensor)[] tensors =
        [
            ("t", arange(Held(0), Held(6), Held(1)).to(float32).view(2, 3).t()),
            ("none", zeros(0, 4)),
            ("one", tensor(7.5)),
            ("flag", tensor(true)),
            ("large", large),
        ];
        var copies = TensorCopies.Of(tensors);
        Assert.Equal(["one", "large", "t", "none", "flag"], copies.All.Select(c => c.Name)); // 8, 8, 4, 4, 1 bytes
        var room = copies.All.SelectMany(c => c.Parts).ToArray();
        large.neg_();
        copies.Take(tensors);
        Assert.All(copies.All.SelectMany(c => c.Parts).Zip(room), parts => Assert.Same(parts.Second, parts.First));
        var path = Path.Combine(root, "a.safetensors");
        SafeTensors.Save(path, tensors);
        using var read = SafeTensors.Load(path);
        Assert.True(read.Tensors["large"].eq(large).all().item<bool>());
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], read.Tensors["t"].data<float>().ToArray());
    }

    [Fact]
    public void A_run_whose_checkpoint_cannot_be_written_ends_with_what_went_wrong_and_the_lock_is_free()
    {
        var program = TinyRun.Program(epochs: 40, checkpoint: new(Every: 1, Keep: 2));
        var checkpoints = Path.Combine(root, "run", "checkpoints");
        var (last, broken) = (0L, 0L);
        var error = Assert.ThrowsAny<IOException>(() =>
            Trainer.Run(
                program,
                new(Path.Combine(root, "run"), "cpu") { Data = new TinyRun.Blocks(), Pictures = false },
                new()
                {
                    Stepped = step => last = step.Step,
                    Saved = _ =>
                    {
                        Directory.Move(checkpoints, checkpoints + ".before");
                        File.WriteAllText(checkpoints, "in the way");
                        broken = last;
                    },
                }
            )
        );
        Assert.Contains(checkpoints, error.Message, StringComparison.Ordinal);
        Assert.InRange(last, broken, broken + 2); // the save of the next step fails, and the one after that meets its failure at the latest
        Assert.False(RunLock.IsHeld(Path.Combine(root, "run")));
        Assert.False(File.Exists(Path.Combine(root, "run", "result.json")));
    }
}
