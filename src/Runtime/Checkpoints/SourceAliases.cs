using System.Text.Json;
using Mtlc.Compiler;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// Which copy in a run directory is meant by a path that is not the copy's: an absolute one, or that of another link to the file.
/// `aliases.json`, where there are any: path to path, below the folder of the copies except for the absolute ones.
/// </summary>
sealed class SourceAliases
{
    public const string Name = "aliases.json";

    readonly Dictionary<string, string> copies = new(StringComparer.Ordinal);

    /// <param name="common">The folder that all files of the program have in common.</param>
    public static void Write(string root, CompiledProgram program, string common)
    {
        var aliases = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in program.Sources.Where(s => Path.IsPathRooted(s.Path)))
            aliases[source.Path] = Below(common, source.Path);
        foreach (var alias in program.Aliases)
        {
            var copy = Below(common, program.Sources.First(s => s.Identity == alias.Identity).Path);
            aliases[Below(common, alias.Path)] = copy;
            aliases[Path.GetFullPath(alias.Path)] = copy;
        }
        if (aliases.Count > 0)
            AtomicFile.WriteText(Path.Combine(root, Name), JsonSerializer.Serialize(aliases, Indented));
    }

    /// <exception cref="RunException">The file is damaged.</exception>
    public static SourceAliases Read(string root)
    {
        var (path, result) = (Path.Combine(root, Name), new SourceAliases());
        if (!Path.Exists(path))
            return result;
        try
        {
            var folder = Path.GetFullPath(Path.Combine(root, RunDirectory.Copies));
            foreach (
                var (alias, copy) in JsonSerializer.Deserialize<Dictionary<string, string>>(RegularFile.ReadAllText(path)) ?? []
            )
                result.copies[Path.GetFullPath(Path.Combine(folder, alias))] = Path.GetFullPath(Path.Combine(folder, copy));
            return result;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }

    /// <summary>The path itself, where it is no alias.</summary>
    public string CopyOf(string path) => copies.GetValueOrDefault(Path.GetFullPath(path), path);

    static string Below(string folder, string path) => Path.GetRelativePath(folder, Path.GetFullPath(path)).Replace('\\', '/');

    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
