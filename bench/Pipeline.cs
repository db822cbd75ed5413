using System.Diagnostics;
using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Augmentation;
using Mtlc.Runtime.Data.Cityscapes;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Data.Synthetic;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Training.Schedules;
using static TorchSharp.torch;

namespace Mtlc.Bench;

/// <summary>Whether reading 2048x1024 files in the Cityscapes layout keeps a training step of 256x256 fed.</summary>
static class Pipeline
{
    const int Pictures = 8,
        Batch = 2,
        Crop = 256,
        Steps = 8;

    static readonly DataRecipe Recipe = new(
        new CityscapesRecipe(),
        new AugmentRecipe(new(Crop, Crop), Flip: true, Scale: new(0.75, 1.5), Tilt: 3, Wiggle: 0.05, Jitter: 0.2)
    );

    public static void Run()
    {
        TorchRuntime.Start();
        var folder = Directory.CreateTempSubdirectory("mtlc-bench-").FullName;
        try
        {
            Write(folder);
            Measure(
                new CityscapesSource(folder),
                Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length) / Pictures
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Measure(CityscapesSource source, long bytes)
    {
        Line(
            $"\n## Data: {Pictures} samples of 2048x1024 (picture, labels, 16-bit disparity: {bytes / 1e6:F1} MB of PNG a "
                + $"sample), crop {Crop}x{Crop}, warped, jittered\n"
        );
        var loader = new TrainingLoader(source, Recipe, Batch, 0);
        foreach (var part in loader.Read(0, 4))
            GC.KeepAlive(part);
        var read = Clock.Milliseconds(() => loader.Read(0, Steps).Count());
        Line($"loader alone, {Environment.ProcessorCount} workers: {1000.0 * Steps * Batch / read:F1} samples/s");
        foreach (
            var (what, decode) in new (string, Action)[]
            {
                ("picture alone", () => source.ReadPicture(Split.Train, 0)),
                ("picture, labels, disparity", () => source.Read(Split.Train, 0)),
            }
        )
            Line($"one thread, {what}: {Clock.Median(5, decode):F0} ms a sample");

        var step = 0;
        var examples = loader.Read(0, 1).First();
        using var session = Workers.Session(Workers.Example("branched"));
        void Train(IReadOnlyList<Example> batch)
        {
            session.Step([Runtime.Data.Loading.Batch.Of(batch, CPU)], new SchedulePosition(step++, 1000, 16));
        }
        Train(examples);
        // Unfed and fed in alternation, a few steps each.
        var (waiting, alone, fed) = (0.0, new List<double>(), new List<double>());
        for (var round = 0; round < 3; round++)
        {
            alone.Add(
                Clock.Milliseconds(() =>
                {
                    for (var i = 0; i < Steps; i++)
                        Train(examples);
                }) / Steps
            );
            var clock = Stopwatch.StartNew();
            var since = TimeSpan.Zero;
            foreach (var batch in loader.Read(0, Steps + 1))
            {
                if (since > TimeSpan.Zero)
                    waiting += (clock.Elapsed - since).TotalMilliseconds;
                else
                    clock.Restart(); // the first batch has nothing to hide behind
                Train(batch);
                since = clock.Elapsed;
            }
            fed.Add(clock.Elapsed.TotalMilliseconds / (Steps + 1));
        }
        var (without, with) = (Clock.Median(alone), Clock.Median(fed));
        Line(
            $"training step, branched, batch {Batch}: {without:F0} ms on one batch again and again, {with:F0} ms reading "
                + $"files ({with / without:F2} times); "
                + $"of these it waits for data {waiting / (3 * Steps):F1} ms"
        );
    }

    // Rendered streets, enlarged, with the noise of a camera: what PNG makes of photographs is mostly noise.
    static void Write(string root)
    {
        var scenes = new SyntheticSource(Pictures, new(256, 512), 0);
        foreach (var split in new[] { "train", "val", "test" })
        {
            foreach (var modality in new[] { "leftImg8bit", "gtFine", "disparity", "camera" })
                Directory.CreateDirectory(Path.Combine(root, modality, split, "town"));
        }
        Parallel.For(
            0,
            Pictures + 2,
            i =>
            {
                var (split, number) =
                    i < Pictures ? ("train", i)
                    : i == Pictures ? ("val", 0)
                    : ("test", 0);
                var scene = scenes.Read(Split.Train, i % Pictures);
                const int height = 1024,
                    width = 2048,
                    times = 4;
                var random = new Random(i);
                var (rgb, ids, disparity) = (new byte[height * width * 3], new byte[height * width], new ushort[height * width]);
                for (var p = 0; p < height * width; p++)
                {
                    var q = p / width / times * scene.Width + p % width / times;
                    for (var c = 0; c < 3; c++)
                        rgb[3 * p + c] = (byte)Math.Clamp(scene.Rgb[3 * q + c] + random.Next(-2, 3), 0, 255);
                    ids[p] = scene.Classes![q] < 19 ? LabelMap.LabelIdOfClass[scene.Classes[q]] : (byte)0;
                    disparity[p] = float.IsNaN(scene.Depth![q])
                        ? (ushort)0
                        : (ushort)Math.Clamp(0.2 * 2260 / scene.Depth[q] * 256 + random.Next(-40, 41), 2, 65535);
                }
                string File(string modality, string type) =>
                    Path.Combine(
                        root,
                        modality,
                        split,
                        "town",
                        FormattableString.Invariant($"town_000000_{number:000000}_{type}")
                    );
                System.IO.File.WriteAllBytes(File("leftImg8bit", "leftImg8bit.png"), PngWriter.Rgb(height, width, rgb));
                System.IO.File.WriteAllBytes(File("gtFine", "gtFine_labelIds.png"), PngWriter.Gray8(height, width, ids));
                System.IO.File.WriteAllBytes(File("disparity", "disparity.png"), PngWriter.Gray16(height, width, disparity));
                System.IO.File.WriteAllText(
                    File("camera", "camera.json"),
                    """{ "extrinsic": { "baseline": 0.2 }, "intrinsic": { "fx": 2260, "fy": 2260, "u0": 1024, "v0": 512 } }"""
                );
            }
        );
    }

    static void Line(string text) => Console.WriteLine(text);
}
