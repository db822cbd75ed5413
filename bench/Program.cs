using System.Diagnostics;
using System.Globalization;
using Mtlc.Bench;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["worker", var kind, var mode, var batch, var height, var width])
{
    Workers.Run(kind, mode, int.Parse(batch), int.Parse(height), int.Parse(width));
    return;
}
if (args is ["measure", var network, var optimizer, var phase, var samples, var rows, var columns])
{
    Workers.Measure(network, optimizer, phase, int.Parse(samples), int.Parse(rows), int.Parse(columns));
    return;
}
if (args is ["memory"])
{
    MemoryGrid.Run();
    return;
}
if (args is ["save", var saves])
{
    Saving.Run(int.Parse(saves));
    return;
}
if (args is ["save", var saves])
{
    Saving.Run(int.Parse(saves));
    return;
}

var rounds = args is [var given] ? int.Parse(given) : 15;
Console.WriteLine($"{Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start, {rounds} rounds in alternation\n");
Console.WriteLine("| work | size | contestant | median ms | mtlc's time / its | peak MiB |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
foreach (var work in (string[])["train", "evaluate"])
{
    foreach (var (h, w) in ((int, int)[])[(128, 256), (256, 256)])
    {
        foreach (var (who, milliseconds, ratio, peak) in Contest.Run(work, 2, h, w, rounds))
            Console.WriteLine($"| {work} | {h}x{w} | {who} | {milliseconds:F1} | {ratio:F2} | {peak:F0} |");
    }
}

var compile = Enumerable.Range(0, 25).Select(_ => Timed(() => Workers.Example("full"))).ToArray();
Console.WriteLine($"\ncompile full.mtl in process: first {compile[0]:F0} ms, then {Contest.Median(compile[5..]):F1} ms");
const string tool = "src/Cli/bin/Release/net10.0/mtlc.dll";
if (File.Exists(tool))
{
    var check = Enumerable.Range(0, 7).Select(_ => Timed(() =>
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [tool, "check", "examples/full.mtl"]) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    })).ToArray();
    Console.WriteLine($"process of `mtlc check full.mtl`: {Contest.Median(check):F0} ms");
}

TorchRuntime.Start();
var (a, b) = (randn(2048, 2048), randn(2048, 2048));
var product = Contest.Median(Enumerable.Range(0, 12).Select(_ => Timed(() => a.mm(b).Dispose())).Skip(2));
Console.WriteLine($"roof: a matrix product of 2048 in {product:F1} ms, {2 * Math.Pow(2048, 3) / product / 1e6:F0} GFLOP/s");

static double Timed(Action action)
{
    var start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
