using System.Text.Json;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

/// <summary>A libtorch that is made wrong on purpose: oneDNN is told caches of one byte, as some hypervisors tell it.</summary>
public class SelfTestTests
{
    // Where the cache sizes lie is known of AMD's processors alone.
    static bool CanSpoil =>
        OperatingSystem.IsLinux() && File.ReadAllText("/proc/cpuinfo").Contains("AuthenticAMD", StringComparison.Ordinal);

    [Theory]
    [InlineData("spoil-caches", "caches")]
    [InlineData("spoil-caches,-caches", "onednn-off")]
    public void A_cure_is_found_and_recorded(string native, string cure)
    {
        Assert.SkipUnless(CanSpoil, "not an AMD processor");
        using var command = new Command();
        command.Write("small.mtl", SmallRun.Program);

        var run = command.Run(
            Environment(command, native),
            "run",
            "small.mtl",
            "--out",
            "r",
            "--max-steps",
            "1",
            "--device",
            "cpu"
        );

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"with the cure {cure} the self-test passes", run.Errors, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(command.Folder, "r", "result.json")));
        Assert.Equal(
            [cure],
            result.RootElement.GetProperty("soundness").GetProperty("cured").EnumerateArray().Select(c => c.GetString())
        );
        Assert.Contains(
            "self_test: passed",
            File.ReadAllText(Path.Combine(command.Folder, "r", "config.yaml")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Where_cures_are_forbidden_nothing_is_trained_and_the_exit_code_is_70()
    {
        Assert.SkipUnless(CanSpoil, "not an AMD processor");
        using var command = new Command();
        command.Write("small.mtl", SmallRun.Program);

        var run = command.Run(
            Environment(command, "spoil-caches,-caches,-onednn-off"),
            "run",
            "small.mtl",
            "--out",
            "r",
            "--device",
            "cpu"
        );

        Assert.Equal(70, run.ExitCode);
        Assert.Contains("error: libtorch computes wrong numbers on cpu", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "r")));
    }

    [Theory]
    [InlineData("hide-caches", "caches")]
    [InlineData("hide-caches,-caches", "onednn-off")]
    public void A_machine_that_hides_its_caches_is_cured_before_anything_is_computed(string native, string cure)
    {
        Assert.SkipUnless(CanSpoil, "not an AMD processor");
        using var command = new Command();

        var doctor = command.Run(Environment(command, native), "doctor", "--format", "json");

        Assert.Equal(0, doctor.ExitCode);
        using var report = JsonDocument.Parse(doctor.Output);
        Assert.True(report.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal("applied", report.RootElement.GetProperty("libtorch").GetProperty($"cure_{cure}").GetString());
    }

    [Fact]
    public void The_doctor_tells_a_right_machine_from_a_wrong_one()
    {
        using var command = new Command();
        var right = command.Run(Environment(command, ""), "doctor", "--format", "json");
        Assert.Equal(0, right.ExitCode);
        using var report = JsonDocument.Parse(right.Output);
        Assert.True(report.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal("cpu", report.RootElement.GetProperty("self_tests")[0].GetProperty("device").GetString());

        Assert.SkipUnless(CanSpoil, "not an AMD processor");
        var wrong = command.Run(Environment(command, "spoil-caches"), "doctor");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("wrong: gradient of a convolution's input", wrong.Output, StringComparison.Ordinal);
    }

    static Dictionary<string, string> Environment(Command command, string native) =>
        new() { ["MTLC_NATIVE"] = native, ["MTLC_CACHE"] = Path.Combine(command.Folder, "cache") };
}
