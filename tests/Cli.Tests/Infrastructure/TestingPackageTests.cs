using System.IO.Compression;

namespace Mtlc.Tests.Infrastructure;

/// <summary>Mtlc.Testing as others reference it.</summary>
public sealed class TestingPackageTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("mtlc-testing-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_package_holds_the_compiler_and_asks_for_neither_libtorch_nor_a_test_framework()
    {
        Repository
            .Run(
                Path.Combine(Repository.Root, "src", "Testing"),
                "dotnet",
                "pack",
                "--no-build",
                "-c",
                Configuration,
                "-o",
                folder,
                "--nologo"
            )
            .Succeeded();

        using var package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder, "Mtlc.Testing.*.nupkg")));
        var libraries = package
            .Entries.Where(e => e.FullName.StartsWith("lib/net10.0/", StringComparison.Ordinal))
            .Select(e => e.Name);
        Assert.Equal(
            ["Mtlc.Compiler.dll", "Mtlc.Dsl.dll", "Mtlc.Testing.dll"],
            libraries.Where(n => n.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        );
        using var specification = new StreamReader(package.Entries.Single(e => e.FullName == "Mtlc.Testing.nuspec").Open());
        var ids = System
            .Xml.Linq.XDocument.Load(specification)
            .Descendants()
            .Where(e => e.Name.LocalName == "dependency")
            .Select(e => (string)e.Attribute("id")!);
        Assert.Equal(["Antlr4.Runtime.Standard", "Google.Protobuf", "Wcwidth"], ids);
    }

    static string Configuration =>
        AppContext.BaseDirectory.Contains(
            $"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}",
            StringComparison.Ordinal
        )
            ? "Release"
            : "Debug";
}
