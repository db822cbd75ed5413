using System.Diagnostics;
using System.Globalization;

namespace Mtlc.Bench;

/// <summary>Steps of several processes in turn, so that what else the machine does meets all alike.</summary>
static class Contest
{
    // Evaluation's convolutions give channels-last maps as it is.
    static string[] Kinds(string mode) =>
        mode == "train" ? ["mtlc", "channels_last", "torchsharp", "pytorch"] : ["mtlc", "torchsharp", "pytorch"];

    public static void Print(int rounds)
    {
        Console.WriteLine($"## Steps in alternation, branched, batch 2, {rounds} rounds\n");
        Console.WriteLine("| work | size | contestant | median ms | mtlc's time / its | peak MiB |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var work in (string[])["train", "evaluate"])
        {
            foreach (var (h, w) in ((int, int)[])[(128, 256), (256, 256)])
            {
                foreach (var (who, milliseconds, ratio, peak) in Run(Kinds(work), "branched", work, 2, h, w, rounds))
                    Console.WriteLine($"| {work} | {h}x{w} | {who} | {milliseconds:F1} | {ratio:F2} | {peak:F0} |");
            }
        }
    }

    /// <summary>Evaluation of encoders that are not ResNets, one picture of 512x512.</summary>
    public static void PrintNetworks(int rounds)
    {
        Console.WriteLine($"## Evaluation in alternation, 512x512, batch 1, {rounds} rounds\n");
        Console.WriteLine("| network | contestant | median ms | mtlc's time / its | peak MiB |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var network in (string[])["segformer-b0", "convnext-tiny"])
        {
            foreach (var (who, milliseconds, ratio, peak) in Run(["mtlc", "pytorch"], network, "evaluate", 1, 512, 512, rounds))
                Console.WriteLine($"| {network} | {who} | {milliseconds:F1} | {ratio:F2} | {peak:F0} |");
        }
    }

    /// <returns>For each contestant its median step in milliseconds, the median of mtlc's ratio to it, round by round, and its
    /// peak memory in MiB.</returns>
    static (string Kind, double Milliseconds, double Ratio, double Peak)[] Run(
        string[] kinds,
        string network,
        string mode,
        int batch,
        int height,
        int width,
        int rounds
    )
    {
        var workers = kinds.Select(kind => (Kind: kind, Process: Start(kind, network, mode, batch, height, width))).ToArray();
        try
        {
            var times = kinds.ToDictionary(k => k, _ => new List<double>());
            var peaks = new Dictionary<string, double>();
            const int warmup = 3;
            for (var round = 0; round < warmup + rounds; round++)
            {
                // Another order each round: none always follows the same one.
                foreach (var (kind, process) in workers.Skip(round % workers.Length).Concat(workers.Take(round % workers.Length)))
                {
                    process.StandardInput.WriteLine("step");
                    process.StandardInput.Flush();
                    var answer = (
                        process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{kind} ended")
                    ).Split(' ');
                    if (round >= warmup)
                        times[kind].Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
                    peaks[kind] = double.Parse(answer[1], CultureInfo.InvariantCulture);
                }
            }
            return
            [
                .. kinds.Select(k =>
                    (k, Clock.Median(times[k]), Clock.Median(times["mtlc"].Zip(times[k], (own, other) => own / other)), peaks[k])
                ),
            ];
        }
        finally
        {
            foreach (var (_, process) in workers)
            {
                process.StandardInput.Close();
                process.WaitForExit();
            }
        }
    }

    static Process Start(string kind, string network, string mode, int batch, int height, int width)
    {
        string[] arguments = [mode, .. new[] { batch, height, width }.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        var start =
            kind == "pytorch"
                ? new ProcessStartInfo(
                    Environment.GetEnvironmentVariable("PYTHON") ?? "python3",
                    ["bench/reference.py", .. arguments]
                )
                : new ProcessStartInfo(Environment.ProcessPath!, ["worker", kind, .. arguments]);
        start.Environment["BENCH_NETWORK"] = network;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        var process = Process.Start(start)!;
        if (process.StandardOutput.ReadLine() != "ready")
            throw new InvalidOperationException($"{kind} did not start; PyTorch is python3-torch on Debian");
        return process;
    }
}
