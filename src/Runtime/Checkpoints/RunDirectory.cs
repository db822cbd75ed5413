using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Data.Manifest;
using Mtlc.Runtime.Files;
using YamlDotNet.Serialization;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// The folder of a run: `source/` (the program as it was), `config.yaml`, `statistics.json`, `metrics.csv`, `steps.csv`,
/// `resources.csv`, `result.json`, `tensorboard/`, `samples/`, `checkpoints/`. </summary>
public sealed class RunDirectory
{
    public const string Configuration = "config.yaml";

    /// <summary>`runtime.pictures_scored` in the configuration, and its value: the margins beyond a multiple of 32 count too,
    /// which older runs left out.</summary>
    public const string PicturesScored = "pictures_scored",
        Whole = "whole";

    internal const string Copies = "source",
        Statistics = "statistics.json";

    const string SourceFolder = "source_folder",
        WorkingFolder = "working_folder";

    readonly string programFolder,
        workingFolder;
    readonly SourceAliases aliases;

    RunDirectory(
        string root,
        string program,
        ImmutableArray<string> overrides,
        string digest,
        string programFolder,
        string workingFolder
    )
    {
        (Root, Program, Overrides, Digest) = (root, program, overrides, digest);
        (this.programFolder, this.workingFolder) = (programFolder, workingFolder);
        Checkpoints = new(Path.Combine(root, "checkpoints"));
        aliases = SourceAliases.Read(root);
    }

    public string Root { get; }

    /// <summary>The path of the copy of the program's main file.</summary>
    public string Program { get; }

    /// <summary>The `--set path=value` that the run was started with.</summary>
    public ImmutableArray<string> Overrides { get; }

    /// <summary>The identity of the experiment that the run was started as (<see cref="RecipeDigest"/>).</summary>
    public string Digest { get; }

    /// <summary>Whether every evaluation of the run scored whole pictures.</summary>
    public bool ScoresWholePictures { get; private init; } = true;

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
            if (
                !program.StartsWith(
                    Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar,
                    StringComparison.Ordinal
                )
            )
                throw new RunException($"{path}: the program lies outside the run directory");
            string Folder(string key, string standard) => document.Find(key)?.AsText(key) ?? standard;
            return new(
                root,
                program,
                [.. document["overrides"].AsList("overrides").Select(n => n.AsText("an override"))],
                document["digest"].AsText("digest"),
                Folder(SourceFolder, ""),
                Folder(WorkingFolder, "")
            )
            {
                ScoresWholePictures =
                    (document.Find("runtime") as ManifestNode.Map)?.Find(PicturesScored) is ManifestNode.Scalar { Text: Whole },
            };
        }
        catch (Exception e) when (e is DataException or KeyNotFoundException or ArgumentException)
        {
            throw new RunException($"{path}: damaged: {e.Message}", e);
        }
    }

    /// <summary>A folder with the same program and statistics, in which nothing was trained.</summary>
    internal void CopyProgram(string root)
    {
        AtomicFile.CreateFolder(root);
        foreach (var path in Directory.EnumerateFiles(File(Copies), "*", SearchOption.AllDirectories))
            Copy(path);
        foreach (var name in (string[])[Statistics, SourceAliases.Name])
            if (System.IO.File.Exists(File(name)))
                Copy(File(name));
        Copy(File(Configuration)); // last, for it is what makes the folder a run

        void Copy(string path)
        {
            var to = Path.Combine(root, Path.GetRelativePath(Root, path));
            AtomicFile.CreateFolder(Path.GetDirectoryName(to)!);
            AtomicFile.WriteText(to, RegularFile.ReadAllText(path));
        }
    }

    /// <summary>Nothing was trained: the folder holds no run any more, and the corrected command can use it.</summary>
    public void Abandon()
    {
        System.IO.File.Delete(File(Configuration));
        System.IO.File.Delete(File(Statistics));
        System.IO.File.Delete(File(SourceAliases.Name));
        if (Directory.Exists(File(Copies)))
            Directory.Delete(File(Copies), recursive: true);
    }

    /// <summary>Makes a folder of this name, or of the next that is free (NAME-2, ...); of two that ask at once each gets its
    /// own.</summary>
    public static string MakeFree(string parent, string name)
    {
        AtomicFile.CreateFolder(parent);
        return Enumerable
            .Range(1, int.MaxValue)
            .Select(i => Path.Combine(parent, i == 1 ? name : FormattableString.Invariant($"{name}-{i}")))
            .First(AtomicFile.TryMakeFolder);
    }

    /// <summary>Makes the folder and stores the program's files in it, in the same places relative to each other.</summary>
    /// <param name="configuration">The text of `config.yaml`, given the main file's path in the run directory.</param>
    /// <exception cref="RunException">The folder holds a run already.</exception>
    public static RunDirectory Create(
        string root,
        CompiledProgram program,
        ImmutableArray<string> overrides,
        Func<string, string> configuration
    )
    {
        if (System.IO.File.Exists(Path.Combine(root, Configuration)))
            throw new RunException($"{root}: holds a run already; resume it (--resume), or choose another directory (--out)");
        AtomicFile.CreateFolder(root);
        var main = "";
        var common = Common(program.Sources);
        foreach (var source in program.Sources)
        {
            var relative = $"{Copies}/{Path.GetRelativePath(common, Path.GetFullPath(source.Path)).Replace('\\', '/')}";
            var path = Path.Combine(root, relative);
            AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
            AtomicFile.WriteText(path, source.Content);
            main = main.Length == 0 ? relative : main;
        }
        SourceAliases.Write(root, program, common);
        // Last, for it is what makes the folder a run.
        var folders = new SerializerBuilder()
            .WithQuotingNecessaryStrings()
            .Build()
            .Serialize(
                new Dictionary<string, string> { [SourceFolder] = common, [WorkingFolder] = Environment.CurrentDirectory }
            );
        AtomicFile.WriteText(Path.Combine(root, Configuration), configuration(main) + folders);
        return new(root, Path.Combine(root, main), overrides, RecipeDigest.Of(program).Run, common, Environment.CurrentDirectory);
    }

    /// <summary>Compiles the copy of the program with the settings of the run; relative paths of data and weights mean what they
    /// meant when it was started.</summary>
    /// <param name="read">Reads a file, or gives null where there is none.</param>
    /// <param name="sets">Further `path=value`s, applied last; relative paths in them start at the working folder of
    /// today.</param>
    /// <exception cref="RunException">The copy is gone.</exception>
    public Compilation Compile(Func<string, SourceText?> read, IReadOnlyList<string>? sets = null) =>
        Compilation.Compile(
            Open(read, Program) ?? throw new RunException($"{Program}: the run's copy of its program is gone"),
            path => Open(read, path),
            [.. Overrides.Select(o => Compilation.Set(o, workingFolder)), .. (sets ?? []).Select(s => Compilation.Set(s))]
        );

    /// <summary>Where the copy of a file lies that the program's copy imports by this path.</summary>
    public string CopyOf(string path) => aliases.CopyOf(path);

    SourceText? Open(Func<string, SourceText?> read, string path)
    {
        path = CopyOf(path);
        var place = Path.GetRelativePath(Path.Combine(Root, Copies), Path.GetDirectoryName(Path.GetFullPath(path))!);
        return read(path) is { } text
            ? new(path, text.Content, Path.GetFullPath(Path.Combine(programFolder, place))) { Identity = text.Identity }
            : null;
    }

    // The folder that all files have in common.
    static string Common(ImmutableArray<SourceText> sources)
    {
        var paths = sources.Select(s => Path.GetFullPath(s.Path)).ToArray();
        var common = Path.GetDirectoryName(paths[0]) ?? "";
        while (
            !paths.All(p =>
                p.StartsWith(common.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            )
        )
            common = Path.GetDirectoryName(common) ?? throw new RunException("the program's files have no folder in common");
        return common;
    }
}
