using System.Collections.Immutable;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Bench;

/// <summary>What a checkpoint of the branched network costs training: where a step waits for it, and where it is written beside
/// the steps.</summary>
static class Saving
{
    // Steps that a save has to hide behind; what they do not hide is waited for.
    const int Steps = 3;

    public static void Run(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("mtlc-saving-").FullName;
        try
        {
            TorchRuntime.Start();
            using var session = Workers.Session(Workers.Example("branched"));
            var step = Workers.Training(session, randn(2, 3, 128, 256));
            using var writer = new CheckpointWriter(new(Path.Combine(folder, "checkpoints")), keep: 2, () => { });
            var (number, calls) = (0, new List<double>());
            void Save()
            {
                var state = new RunState("branched", 0, number++, 0, 0, false, null, ImmutableDictionary<string, double[]>.Empty);
                calls.Add(Clock.Milliseconds(() => writer.Save(state, session.Weights, session.OptimizerState)));
            }
            (string Name, Action Save)[] ways =
            [
                ("no save", () => { }),
                (
                    "waiting for the disk",
                    () =>
                    {
                        Save();
                        writer.Wait();
                    }
                ),
                ("beside the steps", Save),
            ];
            var times = ways.Select(_ => new List<double>()).ToArray();
            var wholes = new List<double>();
            for (var round = -1; round < rounds; round++)
            {
                // Another order each round.
                foreach (var way in Enumerable.Range(0, ways.Length).Select(i => (i + round + 1) % ways.Length))
                {
                    var saving = 0.0;
                    var time = Clock.Milliseconds(() =>
                    {
                        saving = Clock.Milliseconds(ways[way].Save);
                        for (var i = 0; i < Steps; i++)
                            step();
                    });
                    // What the steps could not hide would be waited for at the next save.
                    time += Clock.Milliseconds(writer.Wait);
                    if (round < 0)
                        continue;
                    times[way].Add(time);
                    if (way == 1)
                        wholes.Add(saving);
                }
            }
            var blocked = Clock.Median(calls.Skip(2));
            Console.WriteLine(
                $"{rounds} rounds, branched network, checkpoint of "
                    + $"{new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) / 2e6:F0} MB"
            );
            var whole = Clock.Median(wholes);
            Console.WriteLine(
                $"a whole save takes {whole:F0} ms; training stands still for the copy alone: {blocked:F0} ms, "
                    + $"{blocked / whole:F2} of it"
            );
            foreach (var way in (int[])[1, 2])
                Console.WriteLine(
                    $"{Steps} steps and a save {ways[way].Name}: "
                        + $"{Clock.Median(times[way].Zip(times[0], (with, without) => with / without)):F2} of the time of "
                        + $"the steps alone"
                );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
