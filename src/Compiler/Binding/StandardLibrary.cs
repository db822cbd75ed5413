using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>The components that every program has: `Std/*.mtl`, embedded, parsed once a process.</summary>
public static class StandardLibrary
{
    static readonly Lazy<ImmutableArray<ComponentSymbol>> Parsed = new(Parse);

    public static ImmutableArray<ComponentSymbol> Components => Parsed.Value;

    public static IEnumerable<SourceText> Sources
    {
        get
        {
            foreach (var name in Resources(".mtl"))
                yield return new(name, Resource(name));
        }
    }

    /// <summary>The files of that extension: "std/attention.mtl".</summary>
    internal static IEnumerable<string> Resources(string extension) =>
        typeof(StandardLibrary)
            .Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("std/", StringComparison.Ordinal) && n.EndsWith(extension, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    /// <summary>A file beside the components: "std/imagenet.txt".</summary>
    internal static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(StandardLibrary).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    static ImmutableArray<ComponentSymbol> Parse()
    {
        var diagnostics = new DiagnosticBag();
        var components = Sources
            .SelectMany(source => SyntaxTree.Parse(source, diagnostics).Declarations.OfType<ComponentSyntax>())
            .Select(syntax => new ComponentSymbol(syntax, IsStandard: true))
            .ToImmutableArray();
        return diagnostics.HasErrors
            ? throw new InvalidOperationException($"the standard library does not parse: {diagnostics.ToSorted()[0]}")
            : components;
    }
}
