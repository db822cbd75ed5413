using System.Diagnostics;

namespace Mtlc.Tests.Infrastructure;

/// <summary>The checkout that these tests were built from, and commands run as a user runs them.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    static string FindRoot(string directory) =>
        File.Exists(Path.Combine(directory, "Dsl.sln")) ? directory
        : Path.GetDirectoryName(directory) is { } parent ? FindRoot(parent)
        : throw new InvalidOperationException(
            "the tests do not run inside a checkout: no Dsl.sln above " + AppContext.BaseDirectory
        );

    public sealed record Outcome(int ExitCode, string Output, string Errors)
    {
        public string Succeeded() =>
            ExitCode == 0 ? Output : throw new InvalidOperationException($"exit code {ExitCode}\n{Output}\n{Errors}");
    }

    public static Outcome Run(string directory, string command, params string[] arguments) =>
        Run(directory, command, arguments, []);

    public static Outcome Run(string directory, string command, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // `dotnet test` tells its children about its own MSBuild, which misleads a build of theirs; and a build server that
        // outlives the build would keep our pipes open.
        foreach (
            var name in Environment
                .GetEnvironmentVariables()
                .Keys.Cast<string>()
                .Where(n => n.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))
        )
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";

        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.Result);
    }
}
