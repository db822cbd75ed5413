using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Planning;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Machine;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Resources;
using Mtlc.Runtime.SelfTest;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using Mtlc.Runtime.Weights;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Training;

/// <summary>Trains a program.</summary>
public static class Trainer
{
    static KeptPlan Kept(CompiledProgram program, IDataSource source, Device device) =>
        MemoryPlan
            .Of(
                program,
                program.Train.Batch,
                program.Data.Augment.Crop,
                device.type == TorchSharp.DeviceType.CUDA,
                MachineLimits.Current.Cores,
                PictureSizes.Largest(source),
                source.Count(Split.Validation),
                source.Count(Split.Train)
            )
            .Kept;

    // Cards and their driver have their say in last digits, too.
    static string Computer(SoundnessRecord soundness, Device device)
    {
        var cards = device.type == TorchSharp.DeviceType.CUDA ? GpuCards.Find() : new(null, []);
        return string.Join(' ', [Soundness.Computer(soundness, device), cards.Driver ?? "", .. cards.Cards.Select(c => c.Name)]);
    }

    /// <summary>Trains, evaluates each epoch, and writes the run directory; or continues a run that was stopped or
    /// killed.</summary>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="ContractException">The data lack what the model's tasks need.</exception>
    /// <exception cref="NotEnoughMemoryException">It would need more memory than may be used; no folder was made.</exception>
    /// <exception cref="UnsoundLibraryException">The device computes wrong numbers; no folder was made.</exception>
    /// <exception cref="RunException">The run directory cannot be used, or is deleted or replaced meanwhile; or its checkpoint
    /// does not fit the program.</exception>
    public static TrainingResult Run(CompiledProgram program, TrainOptions options, TrainingEvents? events = null)
    {
        events ??= new();
        var runtime = TorchRuntime.Start();
        var device = Devices.Find(options.Device);
        var soundness = Soundness.Require(device, events.Warned);
        var source = MappedSource.Of(options.Data ?? DataSources.Open(program.Data.Source), program.Model);
        program.RequireContract(source.Contract);
        if (options.ChecksMemory && (options.Memory ?? DeviceMemory.Of(device)) is { } memory)
            MemoryCheck.Of(program, memory, ValidationPictures.Of(program.Data.Source, source)).Require(events.Warned);
        var begins = !options.Resume || !File.Exists(Path.Combine(options.Directory, RunDirectory.Configuration));
        if (begins)
            EncoderWeightsLoader.Require(program.Model, progress: TrainingSession.Progress(events)); // before anything is measured or written
        if (program.CheckCounts(source.Count(Split.Train), source.Count(Split.Validation)) is [var fault, ..])
            throw new DataException(fault.Help is { } help ? $"{fault.Message}; {help}" : fault.Message);
        using var sole = new RunLock(options.Directory, events.Warned);
        var hasBegun = false;
        if (begins)
        {
            var run = RunDirectory.Create(
                options.Directory,
                program,
                options.Overrides,
                main => ResolvedConfiguration.ToYaml(program, options, main, device.ToString(), runtime, soundness)
            );
            try
            {
                return Train(run, null);
            }
            catch when (!hasBegun)
            {
                if (sole.IsOwn)
                    run.Abandon();
                throw;
            }
        }
        var resumed = RunDirectory.Open(options.Directory);
        resumed.Checkpoints.Recover();
        // A run that was killed before its first checkpoint begins again.
        using var checkpoint = resumed.Checkpoints.All.Count == 0 ? null : resumed.Checkpoints.Newest(events.Warned);
        return Train(resumed, checkpoint);

        TrainingResult Train(RunDirectory run, Checkpoint? from)
        {
            if (program.Train.Precision != Precision.Float32 && device.type == TorchSharp.DeviceType.CPU)
                events.Warned?.Invoke(
                    $"train.precision is {program.Train.Precision.ToString().ToLowerInvariant()}: on a CPU it rounds as on a "
                        + $"GPU, and is not faster than float32"
                );
            var statistics = File.Exists(run.File(RunDirectory.Statistics))
                ? StatisticsFile.Read(run)
                : TrainingStatistics.Measure(program.Model, source, program.Data);
            StatisticsFile.Write(run, statistics);
            File.Delete(run.File(RunResult.Name));
            using var session = new TrainingSession(program, statistics, device);
            if (from is not null)
            {
                session.Load(from);
                TensorHeap.ForGood(from.Dispose); // as large as the network and its optimizer, and of no more use: back to the system
                if (run.Digest != RecipeDigest.Of(program).Run)
                    events.Warned?.Invoke(
                        $"the program is not the one that {run.Root} was started with ({run.Program}): the run goes on with "
                            + $"other settings"
                    );
            }
            else
                session.LoadPretrained(events);
            session.Keep(
                Kept(program, source, device),
                Computer(soundness, device),
                options.Features ?? CacheFolder.Of("features"),
                events
            );
            using var loop = new TrainingLoop(
                program,
                options,
                events,
                run,
                source,
                statistics,
                session,
                from?.Run,
                soundness,
                sole.RequireOwn
            );
            hasBegun = true;
            try
            {
                return loop.Run(device.ToString());
            }
            catch (IOException e) when (!sole.IsOwn && e is not RunException) // what went wrong is that its place is gone
            {
                throw sole.Lost(e);
            }
        }
    }
}
