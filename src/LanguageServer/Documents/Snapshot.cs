using System.Collections.Concurrent;
using System.Collections.Immutable;
using Mtlc.Compiler;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.LanguageServer.Documents;

/// <summary>Every text at one moment. Nothing in it changes, so that any number of requests may read it while the next one is
/// being made.</summary>
public sealed class Snapshot
{
    const int MostPrograms = 500;

    readonly WorkspaceFiles files;
    readonly ConcurrentDictionary<string, Lazy<Program>> programs;
    readonly ConcurrentDictionary<string, (string Stamp, SourceText? Text)> disk;
    readonly Lazy<ImmutableArray<string>> workspace;
    readonly ConcurrentDictionary<string, string> roots = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<(string Path, string Model), Lazy<Compilation>> chosen = new();
    readonly ConcurrentDictionary<string, Lazy<Program>> plain;

    Snapshot(
        WorkspaceFiles files,
        ImmutableArray<string> folders,
        ImmutableDictionary<string, Document> documents,
        ImmutableArray<string> recent,
        ConcurrentDictionary<string, Lazy<Program>> programs,
        ConcurrentDictionary<string, Lazy<Program>> plain,
        ConcurrentDictionary<string, (string, SourceText?)> disk,
        Lazy<ImmutableArray<string>>? workspace
    )
    {
        (this.files, Folders, Documents, Recent, this.disk) = (files, folders, documents, recent, disk);
        (this.programs, this.plain) = (programs, plain);
        this.workspace =
            workspace ?? new(() => [.. folders.SelectMany(files.Programs).Distinct(StringComparer.Ordinal).Take(MostPrograms)]);
    }

    /// <param name="folders">Absolute paths of the workspace's folders.</param>
    public static Snapshot Empty(WorkspaceFiles files, IEnumerable<string> folders) =>
        new(
            files,
            [.. folders],
            ImmutableDictionary.Create<string, Document>(StringComparer.Ordinal),
            [],
            new(StringComparer.Ordinal),
            new(StringComparer.Ordinal),
            new(StringComparer.Ordinal),
            null
        );

    public ImmutableArray<string> Folders { get; }

    /// <summary>What is open, by path.</summary>
    public ImmutableDictionary<string, Document> Documents { get; }

    /// <summary>Paths of open documents, the one that was changed last in front.</summary>
    public ImmutableArray<string> Recent { get; }

    public WorkspaceFiles Files => files;

    /// <summary>As the client calls a file.</summary>
    public string UriOf(string path) => Documents.TryGetValue(path, out var open) ? open.Uri : Paths.ToUri(path);

    /// <summary>Every .mtl file of the workspace's folders, and what is open.</summary>
    public IEnumerable<string> AllPaths => Recent.Concat(workspace.Value).Distinct(StringComparer.Ordinal);

    public Snapshot With(Document document) =>
        Next(
            Documents.SetItem(document.Path, document),
            [document.Path, .. Recent.Where(p => p != document.Path)],
            document.Path,
            Documents.ContainsKey(document.Path) ? workspace : null
        );

    public Snapshot Without(string path) => Next(Documents.Remove(path), [.. Recent.Where(p => p != path)], path, workspace);

    /// <summary>Files may have changed on the disk.</summary>
    public Snapshot Refreshed() =>
        new(
            files,
            Folders,
            Documents,
            Recent,
            new(StringComparer.Ordinal),
            new(StringComparer.Ordinal),
            new(StringComparer.Ordinal),
            null
        );

    public Snapshot In(ImmutableArray<string> folders) =>
        new(files, folders, Documents, Recent, Kept(programs), Kept(plain), new(StringComparer.Ordinal), null);

    /// <summary>The text of a file: the editor's where it is open, else the disk's.</summary>
    public SourceText? Text(string path)
    {
        if (Documents.TryGetValue(path, out var open))
            return open.Source;
        var stamp = files.Stamp(path) ?? "";
        if (disk.TryGetValue(path, out var known) && known.Stamp == stamp)
            return known.Text;
        var text = stamp.Length == 0 ? null : files.Read(path);
        disk[path] = (stamp, text);
        return text;
    }

    /// <summary>The program that a file belongs to, with it as seen from there.</summary>
    public Analysis? Analyse(string path) => Text(path) is { } text ? new(this, Program(RootOf(path)), path, text) : null;

    /// <summary>A file compiled as a program's first, at most once a snapshot.</summary>
    public Program Program(string path) => programs.GetOrAdd(path, p => new(() => Compile(p, sweeps: true))).Value;

    /// <summary>The same for whoever wants its names alone: it may not have been tried with the values of its sweeps.</summary>
    public Program Plain(string path) =>
        programs.TryGetValue(path, out var known) && known.IsValueCreated
            ? known.Value
            : plain.GetOrAdd(path, p => new(() => Compile(p, sweeps: false))).Value;

    /// <summary>The same with another model, as `set model = "FILE"` has it.</summary>
    Compilation Plain(string path, string model) =>
        chosen
            .GetOrAdd(
                (path, model),
                key => new(() => Compilation.CheckWithoutSweeps(Text(key.Path) ?? new(key.Path, ""), Text, Choice(key.Model)))
            )
            .Value;

    /// <summary>Whether a word stands in a file, in what it imports, or in the models that its sweeps choose from.</summary>
    public bool Mentions(string path, string word) =>
        Parts(path).Any(p => Text(p)?.Content.Contains(word, StringComparison.Ordinal) == true);

    /// <summary>Whether any of these files is a part of a file's programs.</summary>
    public bool Reads(string path, IReadOnlyCollection<string> files) => Parts(path).Any(files.Contains);

    IEnumerable<string> Parts(string path) =>
        Models(path).Select(m => Resolve(path, m)).OfType<string>().Prepend(path).SelectMany(Reachable);

    /// <summary>The files that sweeps of a file choose their models from, as written.</summary>
    public IEnumerable<string> Models(string path) =>
        (Tree(path)?.Declarations.OfType<SweepSyntax>() ?? [])
            .SelectMany(s => s.Axes)
            .SelectMany(a => a.Paired)
            .Where(ProgramBinder.ChoosesModel)
            .Select(s => s.Values)
            .OfType<ListSyntax>()
            .SelectMany(l => l.Items)
            .OfType<StringSyntax>()
            .Select(s => s.Value)
            .Distinct(StringComparer.Ordinal);

    /// <summary>The file's programs: itself, and with each model that its sweeps choose.</summary>
    /// <returns>The `set` that chooses the model, if any, and what is made of it.</returns>
    public IEnumerable<(ImmutableArray<SourceText> Sets, Compilation Compilation)> Plainly(string path) =>
        Models(path).Select(m => (ImmutableArray.Create(Choice(m)), Plain(path, m))).Prepend(([], Plain(path).Compilation));

    static SourceText Choice(string model) => Compilation.Set($"model=\"{model}\"");

    /// <summary>
    /// The file whose program a file belongs to: itself where it has a model, or imports one; else, of what imports it and has
    /// one, what was changed last, or what lies nearest. </summary>
    public string RootOf(string path) =>
        roots.GetOrAdd(
            path,
            p =>
            {
                if (
                    Text(p) is null
                    || Declares<ModelSyntax>(p)
                    || Program(p).Compilation.Symbols.Model is not null
                    || Standard(p)
                )
                    return p;
                return Importers(p)
                        .Where(i => Reachable(i).Any(Declares<ModelSyntax>))
                        .OrderBy(i => Recent.IndexOf(i) is var at && at >= 0 ? at : int.MaxValue)
                        .ThenBy(i => Path.GetDirectoryName(i) == Path.GetDirectoryName(p) ? 0 : 1)
                        .ThenBy(i => i, StringComparer.Ordinal)
                        .FirstOrDefault()
                    ?? p;
            }
        );

    /// <summary>Files that import a file, directly or not.</summary>
    public IEnumerable<string> Importers(string path) => AllPaths.Where(p => p != path && Reachable(p).Contains(path));

    public bool Declares<T>(string path)
        where T : DeclarationSyntax => Tree(path)?.Declarations.OfType<T>().Any() == true;

    /// <summary>A file's syntax, without its program.</summary>
    public FileSyntax? Tree(string path) => Text(path) is { } text ? SyntaxCache.Of(text) : null;

    /// <summary>Whether a path is that of a copy of the standard library, which stays as it is.</summary>
    public bool Standard(string path) => StandardLibrary.Sources.Any(s => files.Standard(s) == path);

    /// <summary>A file and what it imports, directly or not.</summary>
    HashSet<string> Reachable(string path)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { path };
        var open = new Stack<string>(reached);
        while (open.TryPop(out var next))
        {
            foreach (var import in Tree(next)?.Declarations.OfType<ImportSyntax>() ?? [])
            {
                if (Resolve(next, import.File) is { } file && reached.Add(file))
                    open.Push(file);
            }
        }
        return reached;
    }

    /// <summary>The absolute path of a file that a text names; null where the name is none.</summary>
    public static string? Resolve(string from, string file) =>
        file.Length == 0 || file.Contains('\0')
            ? null
            : ProgramBinder.Normalize(Path.Combine(Path.GetDirectoryName(from) ?? "", file));

    Program Compile(string path, bool sweeps)
    {
        var read = new HashSet<string>(StringComparer.Ordinal) { path };
        var main = Text(path) ?? new SourceText(path, "");
        SourceText? Open(string file)
        {
            read.Add(file);
            return Text(file);
        }
        return new(path, sweeps ? Compilation.Check(main, Open) : Compilation.CheckWithoutSweeps(main, Open), read);
    }

    // What did not read the file has not changed with it.
    ConcurrentDictionary<string, Lazy<Program>> Kept(ConcurrentDictionary<string, Lazy<Program>> known, string? changed = null) =>
        new(
            known.Where(p =>
                p.Value.IsValueCreated
                && (changed is null || !p.Value.Value.Read.Contains(changed))
                && p.Value.Value.Read.All(f =>
                    Documents.ContainsKey(f) || (files.Stamp(f) ?? "") == (disk.TryGetValue(f, out var d) ? d.Stamp : "")
                )
            ),
            StringComparer.Ordinal
        );

    Snapshot Next(
        ImmutableDictionary<string, Document> documents,
        ImmutableArray<string> recent,
        string changed,
        Lazy<ImmutableArray<string>>? listed
    ) => new(files, Folders, documents, recent, Kept(programs, changed), Kept(plain, changed), disk, listed);
}

/// <summary>A file compiled as a program's first.</summary>
/// <param name="Read">Every path that was asked for, files that are not there included.</param>
public sealed record Program(string Path, Compilation Compilation, IReadOnlySet<string> Read)
{
    readonly Lazy<CompiledProgram?> full = new(() => Compilation.Program is null ? null : Whole(Compilation).Program);
    Costs? costs;

    /// <summary>The program with the graphs that are run, which no diagnostic needs; null where it has errors.</summary>
    public CompiledProgram? Full => full.Value;

    /// <summary>What the program's model takes; null where it has errors.</summary>
    public Costs? Costs => costs ??= Full is { } whole ? Costs.Of(whole) : null;

    /// <summary>With the graphs that are run, of the very texts that were checked.</summary>
    static Compilation Whole(Compilation check)
    {
        var texts = check.Symbols.Sources.Concat(check.Symbols.Aliases).ToLookup(s => s.Path, StringComparer.Ordinal);
        return Compilation.Compile(check.Symbols.Sources[0], p => texts[p].FirstOrDefault(), ImmutableArray<SourceText>.Empty);
    }
}

/// <summary>Each text is parsed once for what needs no more than its tree.</summary>
static class SyntaxCache
{
    static readonly System.Runtime.CompilerServices.ConditionalWeakTable<SourceText, FileSyntax> Trees = [];

    public static FileSyntax Of(SourceText text) => Trees.GetValue(text, t => SyntaxTree.Parse(t, new DiagnosticBag()));
}
