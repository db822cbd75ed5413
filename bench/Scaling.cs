using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mtlc.Compiler;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Torch;
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
    static string Chain(int units) => $$"""
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
        return compilation.Program ?? throw new InvalidOperationException(string.Join('\n', compilation.Diagnostics.Select(d => d.Message)));
    }

    static void Memory()
    {
        Console.WriteLine("\n## Memory of training over batch and crop: branched\n");
        Console.WriteLine("| batch | crop | peak MiB | planned MiB |\n| --- | --- | --- | --- |");
        foreach (var (batch, size) in new[] { (1, 128), (2, 128), (4, 128), (8, 128), (2, 192), (2, 256) })
        {
            var (peak, _) = MemoryGrid.Measured(new("branched", "optimizer = adam", "train", batch, size, size));
            var plan = Compiler.Planning.MemoryPlan.Of(Workers.Example("branched"), batch, new(size, size));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {batch} | {size}x{size} | {peak:F0} | {(plan.BesideTraining.Process + plan.Training.Peak) >> 20} |"));
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
        Console.WriteLine("\n| steps of batch 2, 64x128 | resident MiB | of it libraries | tensors, at most | managed heap | collections |\n| --- | --- | --- | --- | --- | --- |");
        for (var i = 1; i <= 500; i++)
        {
            step();
            if (i is 5 or 20 or 50 or 100 or 200 or 300 or 400 or 500)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {i} | {Workers.Status("VmRSS"):F1} | {Workers.Status("RssFile"):F1} | {TensorHeap.Bytes.Peak / (double)(1 << 20):F1} | {GC.GetGCMemoryInfo().TotalCommittedBytes / (double)(1 << 20):F1} | {GC.CollectionCount(0)} |"));
            }
        }
    }

    static void Index()
    {
        Console.WriteLine("\n## Memory of the index of a data set\n");
        Console.WriteLine("| samples | managed MiB while reading | an epoch's order, ms |\n| --- | --- | --- |");
        foreach (var count in new[] { 1_000, 1_000_000 })
        {
            var folder = Directory.CreateTempSubdirectory("mtlc-bench-").FullName;
            try
            {
                WriteManifest(folder, count);
                GC.Collect();
                var before = GC.GetTotalMemory(forceFullCollection: true);
                var source = DataSources.Open(new Compiler.Recipes.ManifestRecipe(new(Path.Combine(folder, "data.yaml"))));
                var order = Clock.Milliseconds(() => Mtlc.Runtime.Data.Augmentation.AugmentDraw.Order(0, 0, source.Count(Split.Train)));
                var name = source.Name(Split.Train, source.Count(Split.Train) - 1);
                var used = GC.GetTotalMemory(forceFullCollection: true) - before;
                GC.KeepAlive(source);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {source.Count(Split.Train)} (last: {name}) | {used / (double)(1 << 20):F1} | {order:F0} |"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    static void WriteManifest(string folder, int count)
    {
        Directory.CreateDirectory(Path.Combine(folder, "img"));
        var ids = new StringBuilder();
        for (var i = 0; i < count; i++)
            ids.Append(CultureInfo.InvariantCulture, $"street_{i:00000000}\n");
        File.WriteAllText(Path.Combine(folder, "train.txt"), ids.ToString());
        File.WriteAllText(Path.Combine(folder, "val.txt"), "street_00000000\n");
        File.WriteAllBytes(Path.Combine(folder, "img/street_00000000.png"), Runtime.Data.Images.PngWriter.Rgb(32, 32, new byte[32 * 32 * 3]));
        File.WriteAllText(Path.Combine(folder, "data.yaml"), """
            format: mtl-data/1
            root: .
            splits: { train: train.txt, val: val.txt }
            inputs: { rgb: { path: "img/{id}.png", kind: rgb8 } }
            targets: { semseg: { path: "lab/{id}.png", kind: index, classes: cityscapes19, map: labelIds, ignore: 255 } }
            """);
    }
}
