using System.Text.Json;

namespace Mtlc.Tests.Infrastructure;

/// <summary>Which native package each choice of <c>-p:Torch=</c> and <c>-r</c> refers to. Evaluated only: most machines serve not
/// all of them.</summary>
public class TorchPackageTests
{
    [Theory]
    [InlineData("libtorch-cpu-linux-x64", "RuntimeIdentifier=linux-x64")]
    [InlineData("libtorch-cpu-win-x64", "RuntimeIdentifier=win-x64")]
    [InlineData("libtorch-cpu-osx-arm64", "RuntimeIdentifier=osx-arm64")]
    [InlineData("libtorch-cuda-12.8-linux-x64", "RuntimeIdentifier=linux-x64", "Torch=cuda")]
    [InlineData("libtorch-cuda-12.8-win-x64", "RuntimeIdentifier=win-x64", "Torch=cuda")]
    public void One_native_package_follows_from_the_platform(string package, params string[] properties)
    {
        var references = Evaluate("PackageReference", properties);

        Assert.Equal([package], references.Keys.Where(p => p.StartsWith("libtorch", StringComparison.Ordinal)));
        Assert.Contains("TorchSharp", references);
        Assert.Equal("2.10.0", Evaluate("PackageVersion", properties)[package]);
    }

    [Fact]
    public void An_unknown_choice_is_an_error_that_says_what_there_is()
    {
        var outcome = Repository.Run(Runtime, "dotnet", "msbuild", "-t:CheckTorchPackage", "-p:Torch=gpu");

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("-p:Torch=gpu: expected cpu, cuda or none", outcome.Output);
    }

    static string Runtime => Path.Combine(Repository.Root, "src", "Runtime");

    /// <returns>The items and their versions.</returns>
    static Dictionary<string, string?> Evaluate(string item, string[] properties)
    {
        var output = Repository
            .Run(Runtime, "dotnet", ["msbuild", $"-getItem:{item}", .. properties.Select(p => "-p:" + p)])
            .Succeeded();
        using var json = JsonDocument.Parse(output);
        return json
            .RootElement.GetProperty("Items")
            .GetProperty(item)
            .EnumerateArray()
            .ToDictionary(
                i => i.GetProperty("Identity").GetString()!,
                i => i.TryGetProperty("Version", out var version) ? version.GetString() : null
            );
    }
}
