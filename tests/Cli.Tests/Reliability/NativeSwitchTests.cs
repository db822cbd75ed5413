using System.Globalization;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

/// <summary>What is done to libtorch (docs/native.md) changes speed and memory; with any of it off, and with poisoned memory, a
/// run is the same.</summary>
public class NativeSwitchTests
{
    /// <summary>Relative: kernels of another kind sum in another order.</summary>
    const double Rounding = 1e-3;

    static readonly Lazy<double[]> Ordinary = new(() => Numbers(""));

    [Theory]
    [InlineData("none")]
    [InlineData("poison")]
    [InlineData("-heap,-malloc")]
    [InlineData("-threads,-nnpack,-denormals,-waiting")]
    [InlineData("-fused,-versions")]
    [InlineData("-winograd")]
    public void A_run_is_the_same_without_it(string native)
    {
        var numbers = Numbers(native);

        Assert.Equal(Ordinary.Value.Length, numbers.Length);
        Assert.All(
            numbers.Zip(Ordinary.Value),
            pair => Assert.InRange(pair.First, pair.Second - Allowed(pair.Second), pair.Second + Allowed(pair.Second))
        );

        static double Allowed(double value) => Rounding * Math.Max(Math.Abs(value), 1e-2);
    }

    [Fact]
    public void A_word_that_means_nothing_is_told()
    {
        using var command = new Command();
        command.Write("small.mtl", SmallRun.Program);

        var run = command.Run(
            new Dictionary<string, string> { ["MTLC_NATIVE"] = "-haep" },
            "run",
            "small.mtl",
            "--out",
            "r",
            "--device",
            "cpu"
        );

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("\"-haep\"", run.Errors, StringComparison.Ordinal);
        Assert.Contains("-heap", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "r")));
    }

    /// <summary>What libgomp itself says that it was told, when it was loaded.</summary>
    [Theory]
    [InlineData("", "1013")]
    [InlineData("MTLC_NATIVE=-waiting", "300000")]
    [InlineData("GOMP_SPINCOUNT=77", "77")]
    [InlineData("OMP_WAIT_POLICY=passive", "0")]
    public void Threads_sleep_soon_unless_the_user_says_otherwise(string variable, string rounds)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libgomp");
        using var command = new Command();
        command.Write("small.mtl", SmallRun.Program);
        var environment = new Dictionary<string, string> { ["OMP_DISPLAY_ENV"] = "VERBOSE" };
        if (variable.Split('=') is [var name, var value])
            environment[name] = value;

        var plan = command.Run(environment, "plan", "small.mtl", "--device", "cpu");

        Assert.True(plan.ExitCode == 0, plan.Errors);
        Assert.Contains($"GOMP_SPINCOUNT = '{rounds}'", plan.Errors, StringComparison.Ordinal);
    }

    // Every number of the logs but the times.
    static double[] Numbers(string native)
    {
        using var command = new Command();
        command.Write("small.mtl", SmallRun.Program);
        var run = command.Run(
            new Dictionary<string, string> { ["MTLC_NATIVE"] = native },
            "run",
            "small.mtl",
            "--out",
            "r",
            "--max-steps",
            "6",
            "--device",
            "cpu",
            "--set",
            "train.evaluate.every=1"
        );
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.DoesNotContain("NNPACK", run.Errors, StringComparison.Ordinal);
        return [.. Cells("steps.csv", -1).Concat(Cells("metrics.csv", 2))];

        IEnumerable<double> Cells(string file, int time) =>
            File.ReadLines(Path.Combine(command.Folder, "r", file))
                .Skip(1)
                .SelectMany(l => l.Split(',').Where((_, i) => i != time))
                .Where(c => double.TryParse(c, CultureInfo.InvariantCulture, out _))
                .Select(c => double.Parse(c, CultureInfo.InvariantCulture));
    }
}
