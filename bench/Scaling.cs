using System.Diagnostics;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Torch;
using Mtlc.Runtime.Torch.Native;
using static TorchSharp.torch;

namespace Mtlc.Bench;

/// <summary>What grows with what.</summary>
static class Scaling
{
    public static void Run()
    {
        Compiling();
        Memory();
        Index();
    }

    static void Compiling()
    {
        Console.WriteLine("\n## Compile time over the size of the network, in process, warm\n");
        Console.WriteLine("| operations | ms | microseconds an operation |\n| --- | --- | --- |");
        foreach (var count in new[] { 1, 10, 100, 300, 1_000, 3_300 })
        {
            var text = Chain(count);
            var nodes = Compiled(text).Model.Training.Nodes.Length;
            var time = Clock.Median(count > 500 ? 5 : 15, () => Compiled(text));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {nodes} | {time:F2} | {1000 * time / nodes:F0} |"));
        }
    }

    // So many convolutions with batch normalisation and ReLU, one after the other.
    static string Chain(int units) =>
        $$"""
            component deep(x) {
              return x |> for i in range({{units}}): conv_bn_relu(8, kernel: 3)
            }
            model chain {
              task semseg: segmentation { classes: 19 }
              let stem = image |> conv(8, kernel: 3, stride: 4)
              let trunk = deep(stem)
              decoder head: trunk -> semseg
              loss: cross_entropy(semseg)
            }
            """;

    static CompiledProgram Compiled(string text)
    {
        var compilation = Compilation.Compile(new("chain.mtl", text), _ => null);
        return compilation.Program
            ?? throw new InvalidOperationException(string.Join('\n', compilation.Diagnostics.Select(d => d.Message)));
    }

    static void Memory()
    {
        Console.WriteLine("\n## Memory of training over batch and crop: branched\n");
        Console.WriteLine("| batch | crop | peak MiB | planned MiB |\n| --- | --- | --- | --- |");
        foreach (var (batch, size) in new[] { (1, 128), (2, 128), (4, 128), (8, 128), (2, 192), (2, 256) })
        {
            var (peak, _) = MemoryGrid.Measured(new("branched", "optimizer = adam", "train", batch, size, size));
            var plan = Compiler.Planning.MemoryPlan.Of(Workers.Example("branched"), batch, new(size, size));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {batch} | {size}x{size} | {peak:F0} | {(plan.BesideTraining.Process + plan.Training.Peak) >> 20} |"
                )
            );
        }
        // A process of its own, which no other measurement has left memory to.
        using var steady = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["steady"]))!;
        steady.WaitForExit();
    }

    /// <summary>Memory over 500 steps: of the process, of its large tensors, of managed objects.</summary>
    public static void Steady()
    {
        TorchRuntime.Start();
        var step = Workers.Training(randn(2, 3, 64, 128), Workers.Example("branched"));
        Console.WriteLine(
            "\n| steps of batch 2, 64x128 | resident MiB | of it libraries | tensors, at most | managed heap | collections "
                + "|\n| --- | --- | --- | --- | --- | --- |"
        );
        for (var i = 1; i <= 500; i++)
        {
            step();
            if (i is 5 or 20 or 50 or 100 or 200 or 300 or 400 or 500)
            {
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {i} | {Workers.Status("VmRSS"):F1} | {Workers.Status("RssFile"):F1} | "
                            + $"{TensorHeap.Bytes.Peak / (double)(1 << 20):F1} | "
                            + $"{GC.GetGCMemoryInfo().TotalCommittedBytes / (double)(1 << 20):F1} | {GC.CollectionCount(0)} |"
                    )
                );
            }
        }
    }

    public static void Index()
    {
        Console.WriteLine("\n## Memory of the index of a data set: a manifest and its list of ids\n");
        Console.WriteLine(
            "| samples | opening, s | peak MiB meanwhile | MiB kept | order of an epoch, MiB | one sample's place and id, "
                + "microseconds |\n| --- | --- | --- | --- | --- | --- |"
        );
        foreach (var count in new[] { 1_000, 100_000, 1_000_000, 10_000_000 })
        {
            // A process each, which no other measurement has left memory to.
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["index", $"{count}"]))!;
            process.WaitForExit();
        }
    }

    /// <summary>In this process, of so many samples.</summary>
    public static void Index(int count)
    {
        var folder = Directory.CreateTempSubdirectory("mtlc-bench-").FullName;
        try
        {
            WriteManifest(folder, 1);
            var recipe = new Compiler.Recipes.ManifestRecipe(new(Path.Combine(folder, "data.yaml")));
            GC.KeepAlive(DataSources.Open(recipe)); // all code is there
            WriteIds(folder, count);
            var (managed, peak) = (GC.GetTotalMemory(forceFullCollection: true), Workers.Status("VmHWM"));
            IDataSource source = null!;
            var opening = Clock.Milliseconds(() => source = DataSources.Open(recipe));
            peak = Workers.Status("VmHWM") - peak;
            var kept = Managed() - managed;
            var order = new EpochOrder(0, 0, count);
            var ordered = Managed() - managed - kept;
            const int reads = 10_000;
            var (random, letters) = (new Random(0), 0);
            var reading = Clock.Milliseconds(() =>
            {
                for (var i = 0; i < reads; i++)
                    letters += source.Name(Split.Train, order[random.Next(count)]).Length;
            });
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {source.Count(Split.Train):N0} | {opening / 1000:F2} | {peak:F1} | {kept / MiB:F3} | "
                        + $"{ordered / MiB:F3} | {1000 * reading / reads:F1} |"
                )
            );
            GC.KeepAlive(order);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static double Managed() => GC.GetTotalMemory(forceFullCollection: true);
    }

    const double MiB = 1 << 20;

    static void WriteManifest(string folder, int count)
    {
        Directory.CreateDirectory(Path.Combine(folder, "img"));
        WriteIds(folder, count);
        File.WriteAllText(Path.Combine(folder, "val.txt"), "street_00000000\n");
        File.WriteAllBytes(
            Path.Combine(folder, "img/street_00000000.png"),
            Runtime.Data.Images.PngWriter.Rgb(32, 32, new byte[32 * 32 * 3])
        );
        File.WriteAllText(
            Path.Combine(folder, "data.yaml"),
            """
            format: mtl-data/1
            root: .
            splits: { train: train.txt, val: val.txt }
            inputs: { rgb: { path: "img/{id}.png", kind: rgb8 } }
            targets: { semseg: { path: "lab/{id}.png", kind: index, classes: cityscapes19, map: labelIds, ignore: 255 } }
            """
        );
    }

    static void WriteIds(string folder, int count)
    {
        using var list = new StreamWriter(Path.Combine(folder, "train.txt"));
        for (var i = 0; i < count; i++)
            list.Write(string.Create(CultureInfo.InvariantCulture, $"street_{i:00000000}\n"));
    }
}
