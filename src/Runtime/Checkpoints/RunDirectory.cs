using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Data.Manifest;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// The folder of a run: `source/` (the program as it was), `config.yaml`, `statistics.json`, `metrics.csv`, `steps.csv`, `resources.csv`, `result.json`, `tensorboard/`,
/// `samples/`, `checkpoints/`.
/// </summary>
public sealed class RunDirectory
{
    public const string Configuration = "config.yaml";

    RunDirectory(string root, string program, ImmutableArray<string> overrides, string digest)
    {
        (Root, Program, Overrides, Digest) = (root, program, overrides, digest);
        Checkpoints = new(Path.Combine(root, "checkpoints"));
    }

    public string Root { get; }

    /// <summary>The path of the copy of the program's main file.</summary>
    public string Program { get; }

    /// <summary>The `--set path=value` that the run was started with.</summary>
    public ImmutableArray<string> Overrides { get; }

    /// <summary>The identity of the experiment that the run was started as (<see cref="RecipeDigest"/>).</summary>
    public string Digest { get; }

    public CheckpointFolder Checkpoints { get; }

    public string File(string name) => Path.Combine(Root, name);

    /// <exception cref="RunException">There is no run in the folder.</exception>
    public static RunDirectory Open(string root)
    {
        var path = Path.Combine(root, Configuration);
        if (!System.IO.File.Exists(path))
            throw new RunException($"{root}: there is no run in this folder (it has no {Configuration})");
        try
        {
            var document = ManifestYaml.Read(path).AsMap("a configuration");
            var program = Path.GetFullPath(Path.Combine(root, document["program"].AsText("program")));
            if (!program.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new RunException($"{path}: the program lies outside the run directory");
            return new(
                root, program, [.. document["overrides"].AsList("overrides").Select(n => n.AsText("an override"))], document["digest"].AsText("digest"));
        }
        catch (Exception e) when (e is DataException or KeyNotFoundException or ArgumentException)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }

    /// <summary>Makes the folder and stores the program's files in it, in the same places relative to each other.</summary>
    /// <param name="configuration">The text of `config.yaml`, given the main file's path in the run directory.</param>
    /// <exception cref="RunException">The folder holds a run already.</exception>
    public static RunDirectory Create(string root, CompiledProgram program, ImmutableArray<string> overrides, Func<string, string> configuration)
    {
        if (System.IO.File.Exists(Path.Combine(root, Configuration)))
            throw new RunException($"{root}: holds a run already; resume it (--resume), or choose another directory (--out)");
        AtomicFile.CreateFolder(root);
        var main = "";
        foreach (var (place, source) in Places(program.Sources))
        {
            var relative = $"source/{place}";
            var path = Path.Combine(root, relative);
            AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
            AtomicFile.WriteText(path, source.Content);
            main = main.Length == 0 ? relative : main;
        }
        // Last, for it is what makes the folder a run.
        AtomicFile.WriteText(Path.Combine(root, Configuration), configuration(main));
        return new(root, Path.Combine(root, main), overrides, RecipeDigest.Of(program).Run);
    }

    // Paths below the folder that all files have in common.
    static IEnumerable<(string Place, SourceText Source)> Places(ImmutableArray<SourceText> sources)
    {
        var paths = sources.Select(s => Path.GetFullPath(s.Path)).ToArray();
        var common = Path.GetDirectoryName(paths[0]) ?? "";
        while (!paths.All(p => p.StartsWith(common.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            common = Path.GetDirectoryName(common) ?? throw new RunException("the program's files have no folder in common");
        return paths.Select((p, i) => (Path.GetRelativePath(common, p).Replace('\\', '/'), sources[i]));
    }
}

/// <summary>A run directory or a checkpoint that cannot be used or written; the message says what to do.</summary>
public sealed class RunException : IOException
{
    public RunException(string message) : base(message) { }
    public RunException(string message, Exception? inner) : base(message, inner) { }

    /// <summary>Nothing is damaged, but this version of mtlc cannot read it.</summary>
    internal bool IsFromNewerVersion { get; init; }
}
