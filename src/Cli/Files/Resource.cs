using System.Text;

namespace Mtlc.Cli.Files;

/// <summary>Texts that lie in the assembly.</summary>
static class Resource
{
    /// <summary>Names that begin so, with what follows.</summary>
    public static IEnumerable<string> Below(string folder) =>
        typeof(Resource)
            .Assembly.GetManifestResourceNames()
            .Select(n => n.Replace('\\', '/'))
            .Where(n => n.StartsWith(folder, StringComparison.Ordinal))
            .Select(n => n[folder.Length..])
            .Order(StringComparer.Ordinal);

    /// <param name="name">With slashes, whatever system the assembly was built on.</param>
    public static string Text(string name)
    {
        var assembly = typeof(Resource).Assembly;
        var stored = assembly.GetManifestResourceNames().Single(n => n.Replace('\\', '/') == name);
        using var reader = new StreamReader(assembly.GetManifestResourceStream(stored)!, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
