using System.Diagnostics;
using System.Globalization;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Targets.LibTorch;

namespace Mtlc.Bench;

/// <summary>Peak memory of processes that train or evaluate the examples, beside what `mtlc plan` says of them.</summary>
static class MemoryGrid
{
    /// <summary>What the plan has of the process itself was taken from these; all other networks are held out.</summary>
    static readonly string[] Fitted = ["baseline", "branched", "full"];

    static readonly string[] HeldOut =
    [
        "contour",
        "dilated",
        "distillation",
        "joint-1conv",
        "joint",
        "normals",
        "pyramid",
        "canny",
    ];

    static readonly int[] Batches = [1, 2, 4, 8];

    static readonly (int Height, int Width)[] Crops = [(128, 128), (128, 256), (192, 192), (256, 256)];

    /// <param name="Setting">One of `train { }`.</param>
    public sealed record Point(string Network, string Setting, string Mode, int Batch, int Height, int Width);

    /// <summary>Every network at a third of the batches and crops, another third for each, in training and evaluation; SGD for
    /// some.</summary>
    static IEnumerable<Point> Points()
    {
        foreach (var (i, network) in Fitted.Concat(HeldOut).Index())
        {
            foreach (var (k, (batch, crop)) in Batches.SelectMany(b => Crops.Select(c => (b, c))).Index())
            {
                if ((i + k) % 3 != 0)
                    continue;
                var optimizer =
                    k % 5 != 4 ? "adam"
                    : k % 2 == 0 ? "sgd"
                    : "sgd { momentum: 0.9 }";
                yield return new(network, $"optimizer = {optimizer}", "train", batch, crop.Height, crop.Width);
                yield return new(network, "optimizer = adam", "evaluate", batch, crop.Height, crop.Width);
            }
        }
    }

    /// <summary>Training in 16 bits, and channels last.</summary>
    static IEnumerable<Point> Variants() =>
        from setting in new[] { "precision = bf16", "memory_format = channels_last" }
        from cell in new[]
        {
            ("baseline", 8, 128, 128),
            ("branched", 2, 128, 256),
            ("branched", 4, 192, 192),
            ("contour", 2, 128, 128),
            ("distillation", 4, 128, 256),
        }
        select new Point(cell.Item1, setting, "train", cell.Item2, cell.Item3, cell.Item4);

    /// <summary>Peak memory in MiB of a process that takes a few steps, and of its large tensors.</summary>
    public static (double Peak, double Tensors) Measured(Point point)
    {
        var (network, setting, mode, batch, height, width) = point;
        string[] arguments =
        [
            "measure",
            network,
            setting,
            mode,
            .. new[] { batch, height, width }.Select(n => n.ToString(CultureInfo.InvariantCulture)),
        ];
        using var process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true }
        )!;
        var answer = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return (double.Parse(answer[0], CultureInfo.InvariantCulture), double.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    static double Mebibytes(long bytes) => bytes / (double)(1 << 20);

    /// <param name="part">"train", "evaluate" or "variants"; null for all.</param>
    public static void Run(string? part = null)
    {
        Console.WriteLine(
            "| network | work | setting | batch | crop | measured MiB | planned MiB | planned / measured | tensors "
                + "alone | planned |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        var errors = new List<(Point Point, double Error)>();
        foreach (
            var point in Points().Where(p => part is null || part == p.Mode).Concat(part is null or "variants" ? Variants() : [])
        )
        {
            var (network, setting, mode, batch, height, width) = point;
            var (peak, tensors) = Measured(point);
            var program = Workers.Example(network, setting);
            var plan = MemoryPlan.Of(program, batch, new(height, width));
            var (bytes, process) =
                mode == "train"
                    ? (plan.Training.Peak, plan.BesideTraining.Process)
                    : (EvaluationMemory.Of(program.Model.Inference, plan.Work).Peak, plan.BesideEvaluation.Process);
            var (alive, planned) = (Mebibytes(bytes), Mebibytes(process + bytes));
            errors.Add((point, planned / peak - 1));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {network} | {mode} | {(mode == "train" ? setting : "")} | {batch} | {height}x{width} | {peak:F0} | "
                        + $"{planned:F0} | {planned / peak:F3} | {tensors:F0} | {alive:F0} |"
                )
            );
        }
        Console.WriteLine();
        Console.WriteLine("| networks | work | points | mean error | largest error |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var group in errors.GroupBy(e => (Fitted.Contains(e.Point.Network) ? "fitted" : "held out", e.Point.Mode)))
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {group.Key.Item1} | {group.Key.Mode} | {group.Count()} | {group.Average(e => Math.Abs(e.Error)):P1} | "
                        + $"{group.Max(e => Math.Abs(e.Error)):P1} |"
                )
            );
        }
    }
}
