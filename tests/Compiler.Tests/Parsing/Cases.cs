using System.Runtime.CompilerServices;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Parsing;

/// <summary>The programs in tests/cases/syntax.</summary>
static class Cases
{
    public static string Folder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "cases", "syntax"));

    public static IEnumerable<string> Names() =>
        Directory
            .EnumerateFiles(Folder(), "*.mtl", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Folder(), f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    public static SourceText Read(string name) => new(name, File.ReadAllText(Path.Combine(Folder(), name)));
}
