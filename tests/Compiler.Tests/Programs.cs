using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests;

/// <summary>Programs of the repository, compiled once for all tests.</summary>
static class Programs
{
    static readonly ConcurrentDictionary<string, Lazy<Compilation>> Compiled = new(StringComparer.Ordinal);

    public static string Root { get; } = FindRoot();

    public static string Cases(string folder) => Path.Combine(Root, "tests", "cases", folder);

    /// <summary>Every example that declares a model or imports one, by its file's name without extension.</summary>
    public static IEnumerable<string> Examples() =>
        Directory
            .EnumerateFiles(Path.Combine(Root, "examples"), "*.mtl")
            .Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(n => n != "recipe")
            .Order(StringComparer.Ordinal);

    public static Compilation CompileExample(string name) => CompileFile(Path.Combine(Root, "examples", name + ".mtl"));

    public static Model Example(string name) => Valid(CompileExample(name)).Model;

    public static Compilation CompileFile(string path) =>
        Compiled.GetOrAdd(path, p => new(() => Compilation.Compile(Read(p), Imports(Path.GetDirectoryName(p)!)))).Value;

    public static Compilation Compile(string text, params string[] sets) =>
        Compilation.Compile(new("test.mtl", text), null, sets);

    /// <summary>A program of several files; the first is the main one.</summary>
    public static Compilation Compile(IReadOnlyList<(string Path, string Text)> files) =>
        Compilation.Compile(
            new(files[0].Path, files[0].Text),
            path => files.FirstOrDefault(f => f.Path == path) is { Text: { } text } ? new SourceText(path, text) : null
        );

    public static Model Model(string text, params string[] sets) => Valid(Compile(text, sets)).Model;

    public static CompiledProgram Valid(Compilation compilation)
    {
        Assert.True(compilation.Program is not null, Text(compilation));
        return compilation.Program;
    }

    /// <summary>The diagnostics as a person reads them.</summary>
    public static string Text(Compilation compilation) =>
        DiagnosticText.Of(compilation.Diagnostics, compilation.Suppressed, DiagnosticFormat.Human);

    public static SourceText Read(string path) => new(Path.GetFileName(path), File.ReadAllText(path));

    static string FindRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));

    public static Func<string, SourceText?> Imports(string folder) =>
        path =>
            File.Exists(Path.Combine(folder, path)) ? new SourceText(path, File.ReadAllText(Path.Combine(folder, path))) : null;
}
