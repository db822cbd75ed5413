namespace Mtlc.Tests.Infrastructure;

/// <summary>The command as a user gets it: a fresh checkout, packed, installed, run. One test, for it takes half a
/// minute.</summary>
public sealed class InstalledToolTests : IDisposable
{
    static readonly string[] Sources = ["src", "build", "grammar", "docs", "examples"];

    readonly string folder = Directory.CreateTempSubdirectory("mtlc-tool-").FullName;

    [Fact]
    public void The_packed_tool_installs_and_loads_libtorch()
    {
        var checkout = Path.Combine(folder, "checkout");
        CopyFiles(Repository.Root, checkout);
        foreach (var source in Sources)
            CopyTree(Path.Combine(Repository.Root, source), Path.Combine(checkout, source));
        Repository.Run(checkout, "dotnet", "pack", "src/Cli", "-o", folder, "--nologo").Succeeded();

        var package = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(folder, "mtlc.*.nupkg")));
        var install = Repository.Run(
            folder,
            "dotnet",
            "tool",
            "install",
            "--tool-path",
            "tool",
            "--add-source",
            folder,
            "mtlc",
            "--version",
            package["mtlc.".Length..]
        );
        install.Succeeded();

        var tool = Path.Combine(folder, "tool");
        var command = Path.Combine(tool, OperatingSystem.IsWindows() ? "mtlc.exe" : "mtlc");
        Repository.Run(folder, command, "--version").Succeeded();

        // Inside the installed command, before its own first line: no verb is needed to find out whether its libraries load.
        var hook = new Dictionary<string, string> { ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location };
        Assert.Contains("libtorch 2.10.", Repository.Run(folder, command, ["--version"], hook).Succeeded());

        var installed = new DirectoryInfo(tool).GetFiles("*", SearchOption.AllDirectories);
        Assert.DoesNotContain(installed, f => f.LinkTarget is not null);
        Assert.DoesNotContain(installed, f => f.Name.Contains("torch_python", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static void CopyTree(string from, string to)
    {
        if (!Directory.Exists(from) || Path.GetFileName(from) is "bin" or "obj" or ".antlr")
            return;
        CopyFiles(from, to);
        foreach (var child in Directory.GetDirectories(from))
            CopyTree(child, Path.Combine(to, Path.GetFileName(child)));
    }

    static void CopyFiles(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
