using System.Globalization;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Reliability;

/// <summary>Alone in the process while it runs: what other tests take and give back would hide what a step leaves.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-memory-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Steps, checkpoints, evaluations. MTLC_SOAK_STEPS=5000 for long.</summary>
    [Fact]
    public void Memory_and_handles_stay_flat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc");
        var steps = long.Parse(Environment.GetEnvironmentVariable("MTLC_SOAK_STEPS") ?? "160", CultureInfo.InvariantCulture);
        var samples = new List<(double Resident, double Managed, int Handles)>();
        var program = TinyRun.Program(epochs: 1_000_000, checkpoint: new(Every: 3, Keep: 2));
        Trainer.Run(
            program,
            new(Path.Combine(root, "a"), "cpu", steps) { Data = new TinyRun.Blocks(), Pictures = false },
            new()
            {
                Stepped = step =>
                {
                    if (step.Step % 4 != 2)
                        return;
                    samples.Add(
                        (
                            Environment.WorkingSet / 1e6,
                            GC.GetTotalMemory(false) / 1e6,
                            Directory.GetFileSystemEntries("/proc/self/fd").Length
                        )
                    );
                    if (step.Step % (steps / 10) < 4)
                    {
                        var (resident, managed, handles) = samples[^1];
                        TestContext.Current.TestOutputHelper!.WriteLine(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"step {step.Step}: {resident:F0} MB resident, {managed:F0} MB of .NET objects, {handles} handles"
                            )
                        );
                    }
                },
            }
        );
        var (early, late) = (samples[samples.Count / 2], samples[^1]);
        Assert.InRange(late.Handles - early.Handles, -20, 20);
        Assert.InRange(late.Resident - early.Resident, -1000, 40);
    }
}
