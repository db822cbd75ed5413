using System.Diagnostics;

namespace Mtlc.Bench;

/// <summary>How long it takes until something happens.</summary>
static class Starting
{
    const string Tool = "src/Cli/bin/Release/net10.0/mtlc.dll";

    public static void Run()
    {
        Console.WriteLine("\n## Compiling full.mtl to a verified graph, and starting\n");
        var times = Enumerable.Range(0, 40).Select(_ => Clock.Milliseconds(() => Workers.Example("full"))).ToArray();
        Line($"in process: {times[0]:F0} ms the first time, {Clock.Median(times[20..]):F1} ms warm");
        foreach (
            var arguments in new string[][]
            {
                ["--version"],
                ["check", "examples/full.mtl"],
                ["graph", "examples/full.mtl", "--phase", "infer"],
            }
        )
            Line($"process of `mtlc {string.Join(' ', arguments)}`: {Clock.Median(7, () => Launch(arguments)):F0} ms");
    }

    static void Launch(string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Tool, .. arguments]) { RedirectStandardOutput = true }
        )!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"mtlc {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    static void Line(string text) => Console.WriteLine(text);
}
