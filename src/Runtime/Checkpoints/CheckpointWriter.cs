using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// Saves checkpoints beside training, which waits only while its tensors are copied: a thread of its own writes the copy, and
/// touches no tensor. One save at a time, so that one copy is enough and checkpoints become durable in the order of their steps.
/// </summary>
/// <param name="keep">How many of the last checkpoints are kept, beside the best.</param>
/// <param name="flushLog">Makes the log so far last: a checkpoint that lasts has the log of its steps. Called from the thread
/// that writes.</param>
/// <param name="saved">Told of each checkpoint that is complete, by the thread that trains.</param>
/// <param name="requireOwn">Throws where the run's directory is no longer its own; called from the thread that writes.</param>
sealed class CheckpointWriter(
    CheckpointFolder folder,
    int keep,
    Action flushLog,
    Action<string>? saved = null,
    Action? requireOwn = null
) : IDisposable
{
    readonly TensorCopies weights = new(),
        optimizer = new();
    Task<string>? writing;

    /// <summary>Begins a save, after the end of the one before.</summary>
    /// <exception cref="IOException">The one before failed.</exception>
    public void Save(
        RunState state,
        IEnumerable<(string Name, Tensor Value)> weights,
        IEnumerable<(string Name, Tensor Value)> optimizer
    )
    {
        Wait();
        this.weights.Take(weights);
        this.optimizer.Take(optimizer);
        writing = Task.Factory.StartNew(
            () =>
            {
                flushLog();
                return folder.Save(state, this.weights, this.optimizer, keep, requireOwn);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>Throws what the last save failed with, where it has ended; waits for nothing.</summary>
    public void Check()
    {
        if (writing is { IsCompleted: true })
            Wait();
    }

    /// <summary>Waits until the last save is on the disk, or throws what it failed with.</summary>
    public void Wait()
    {
        if (writing is not { } task)
            return;
        writing = null;
        var path = task.GetAwaiter().GetResult();
        saved?.Invoke(path);
    }

    /// <summary>Lets a save that is under way come to its end. A failure is not thrown: whoever leaves without waiting has
    /// another to report.</summary>
    public void Dispose() => writing?.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
}
