using System.Text.Json;
using Mtlc.Tests.Verbs;

namespace Mtlc.Tests.Reliability;

/// <summary>
/// A libtorch of the user's (MTLC_LIBTORCH): a copy of the program's own, for links to the same file would be the same library to
/// the system. </summary>
public sealed class OwnLibtorchTests : IDisposable
{
    readonly Command command = new();

    public OwnLibtorchTests() => command.Write("small.mtl", SmallRun.Program);

    public void Dispose() => command.Dispose();

    string Own => Path.Combine(command.Folder, "own");

    [Fact]
    public void A_copy_elsewhere_trains_to_the_same_numbers_and_another_version_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        CopyLibraries();

        var doctor = Run("doctor", "--format", "json");
        Assert.True(doctor.ExitCode == 0, doctor.Output + doctor.Errors);
        using (var report = JsonDocument.Parse(doctor.Output))
        {
            var torch = report.RootElement.GetProperty("libtorch");
            Assert.Equal(Path.Combine(Own, "libtorch_cpu.so"), torch.GetProperty("loaded_from").GetString());
            Assert.Contains("MTLC_LIBTORCH", torch.GetProperty("loaded_from_note").GetString(), StringComparison.Ordinal);
            Assert.Equal("2.10.0", torch.GetProperty("version").GetString());
            Assert.False(torch.TryGetProperty("functions_missing", out _));
        }

        var same = Train("same", Own);
        Assert.True(same.ExitCode == 0, same.Errors);
        Assert.DoesNotContain("TorchSharp was built for", same.Errors, StringComparison.Ordinal);
        Assert.Equal(0, Train("ordinary", "").ExitCode);
        Assert.Equal(Steps("ordinary"), Steps("same"));
        Assert.Contains(Path.Combine(Own, "libtorch_cpu.so"), Configuration("same"), StringComparison.Ordinal);

        // What aoti_torch_abi_version returns, and the name of a function that nothing here needs.
        Patch([0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0x0A, 0x02, 0xC3], 8, 0x0B);
        Patch("\0_ZN2at4_ops10fft_ihfftn4call"u8, 1, (byte)'-');
        var other = Train("other", Own);
        Assert.True(other.ExitCode == 0, other.Errors);
        Assert.Contains(
            $"note: libtorch 2.11.0 of {Own} is used, and TorchSharp was built for 2.10.0",
            other.Errors,
            StringComparison.Ordinal
        );
        Assert.Contains("it lacks 1 functions", other.Errors, StringComparison.Ordinal);
        Assert.Contains("_ZN2at4_ops10fft_ihfftn4call", other.Errors, StringComparison.Ordinal);
        Assert.Equal(Steps("ordinary"), Steps("other"));
        Assert.Contains("2.11.0", Configuration("other"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_libtorch_is_told_in_a_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are those of Linux");
        Assert.Equal($"error: MTLC_LIBTORCH: there is no folder {Own}", Error());
        Directory.CreateDirectory(Own);
        Assert.StartsWith($"error: MTLC_LIBTORCH: {Own} has no libc10.so; name the folder", Error(), StringComparison.Ordinal);
        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            File.WriteAllText(Path.Combine(Own, name), "not a library");
        Assert.StartsWith("error: MTLC_LIBTORCH: libc10.so cannot be loaded: ", Error(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(command.Folder, "r")));

        string Error()
        {
            var run = Train("r", Own);
            Assert.Equal(74, run.ExitCode);
            return Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    void CopyLibraries()
    {
        Directory.CreateDirectory(Own);
        var libraries = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        foreach (
            var name in ((string[])["libc10.so", "libtorch*.so", "libgomp*"]).SelectMany(n => Directory.GetFiles(libraries, n))
        )
            File.Copy(name, Path.Combine(Own, Path.GetFileName(name)));
    }

    // In 460 MB, a part at a time. A function's name stands in several tables.
    void Patch(ReadOnlySpan<byte> what, int at, byte value)
    {
        using var file = new FileStream(Path.Combine(Own, "libtorch_cpu.so"), FileMode.Open, FileAccess.ReadWrite);
        var part = new byte[1 << 24];
        var places = new List<long>();
        for (long start = 0; start < file.Length; start += part.Length - what.Length + 1)
        {
            var length = RandomAccess.Read(file.SafeFileHandle, part, start);
            for (var i = 0; part.AsSpan(i, length - i).IndexOf(what) is var found and >= 0; i += found + 1)
                places.Add(start + i + found);
        }
        Assert.InRange(places.Count, 1, 5);
        foreach (var place in places)
            RandomAccess.Write(file.SafeFileHandle, [value], place + at);
    }

    Infrastructure.Repository.Outcome Run(params string[] arguments) =>
        command.Run(new Dictionary<string, string> { ["MTLC_LIBTORCH"] = Own }, arguments);

    Infrastructure.Repository.Outcome Train(string name, string libtorch) =>
        command.Run(
            new Dictionary<string, string>
            {
                ["MTLC_LIBTORCH"] = libtorch,
                ["MTLC_CACHE"] = Path.Combine(command.Folder, "cache"),
            },
            "run",
            "small.mtl",
            "--out",
            name,
            "--max-steps",
            "6",
            "--device",
            "cpu"
        );

    string Configuration(string name) => File.ReadAllText(Path.Combine(command.Folder, name, "config.yaml"));

    string Steps(string name) => File.ReadAllText(Path.Combine(command.Folder, name, "steps.csv"));
}
