using System.Reflection;
using System.Runtime.InteropServices;

namespace Mtlc.Tests.Infrastructure;

/// <summary>On the library that the build changes, as its package ships it.</summary>
public class ElfVersionsTests
{
    const string Library = "libstdc++.so.6";

    static readonly byte[] Shipped = File.ReadAllBytes(
        Path.Combine(PackageFolder(), "runtimes/linux-x64/native/libLibTorchSharp.so")
    );

    static string PackageFolder() =>
        typeof(ElfVersionsTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "TorchSharpPackage")
            .Value!;

    [Fact]
    public void Weakens_the_one_version_that_no_relocation_uses_and_changes_nothing_else()
    {
        var image = Shipped.ToArray();

        Assert.Equal(["GLIBCXX_3.4.32"], ElfVersions.WeakenUnused(image, Library));

        var changed = Enumerable.Range(0, image.Length).Where(i => image[i] != Shipped[i]).ToList();
        Assert.Equal(Shipped[Assert.Single(changed)] | 0x2, image[changed[0]]);
    }

    [Fact]
    public void A_second_time_finds_nothing_to_do()
    {
        var once = Shipped.ToArray();
        ElfVersions.WeakenUnused(once, Library);
        var twice = once.ToArray();

        Assert.Empty(ElfVersions.WeakenUnused(twice, Library));
        Assert.Equal(once, twice);
    }

    [Fact]
    public void Versions_of_other_libraries_stay()
    {
        var image = Shipped.ToArray();

        Assert.Empty(ElfVersions.WeakenUnused(image, "libabsent.so.1"));
        Assert.Equal(Shipped, image);
    }

    [Fact]
    public void What_is_no_ELF_file_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ElfVersions.WeakenUnused(new byte[100], Library));

    [Fact]
    public void A_truncated_file_is_refused_not_misread()
    {
        // Past the middle there is only what the dynamic loader does not read: the symbols of a debugger.
        for (var length = 0; length < Shipped.Length / 2; length += 1 + length / 4)
            Assert.Throws<InvalidDataException>(() => ElfVersions.WeakenUnused(Shipped[..length], Library));
    }

    [Fact]
    public void The_build_puts_the_loadable_library_and_only_this_platforms_beside_the_program()
    {
        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier == "linux-x64", "the library needs no change elsewhere");
        var expected = Shipped.ToArray();
        ElfVersions.WeakenUnused(expected, Library);
        var runtimes = Path.Combine(AppContext.BaseDirectory, "runtimes");

        Assert.Equal(expected, File.ReadAllBytes(Path.Combine(runtimes, "linux-x64/native/libLibTorchSharp.so")));
        Assert.Equal(
            [
                "libLibTorchSharp.so",
                "libSkiaSharp.so",
                "libc10.so",
                "libgomp-98b21ff3.so.1",
                "libonnxruntime.so",
                "libonnxruntime_providers_shared.so",
                "libtorch.so",
                "libtorch_cpu.so",
            ],
            Directory
                .GetFiles(Path.Combine(runtimes, "linux-x64/native"))
                .Select(f => Path.GetFileName(f))
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(["linux-x64"], Directory.GetDirectories(runtimes).Select(d => Path.GetFileName(d)));
    }
}
