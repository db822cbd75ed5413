using System.Runtime.CompilerServices;
using Mtlc.Dsl.Text;

namespace Mtlc.Fuzz;

/// <summary>The programs of the repository, to be mutated.</summary>
static class Seeds
{
    static readonly string Root = Path.GetFullPath(Path.Combine(ThisFile(), "..", "..", ".."));

    public static IEnumerable<(string Text, string Folder)> In(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), "*.mtl", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(f => (File.ReadAllText(f), Path.GetDirectoryName(f)!));

    public static Func<string, SourceText?> Imports(string folder) =>
        path =>
            File.Exists(Path.Combine(folder, path)) ? new SourceText(path, File.ReadAllText(Path.Combine(folder, path))) : null;

    static string ThisFile([CallerFilePath] string path = "") => path;
}
