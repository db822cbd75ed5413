using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.Verbs;

/// <summary>A folder with files, and the built command run in it as a user runs it.</summary>
sealed class Command : IDisposable
{
    public static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "mtlc.dll");

    public string Folder { get; } = Directory.CreateTempSubdirectory("mtlc-cli-").FullName;

    public Repository.Outcome Run(params string[] arguments) => Run([], arguments);

    public Repository.Outcome Run(Dictionary<string, string> environment, params string[] arguments) =>
        Repository.Run(Folder, "dotnet", [Assembly, .. arguments], environment);

    /// <summary>Runs a shell line in which `dotnet "$MTLC"` is the command.</summary>
    public Repository.Outcome Shell(string line) =>
        Repository.Run(Folder, "bash", ["-c", line], new Dictionary<string, string> { ["MTLC"] = Assembly });

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
