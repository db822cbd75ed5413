using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>The components that every program has: `Std/*.mtl`, embedded, parsed once a process.</summary>
public static class StandardLibrary
{
    private static readonly Lazy<ImmutableArray<ComponentSymbol>> Parsed = new(Parse);

    public static ImmutableArray<ComponentSymbol> Components => Parsed.Value;

    public static IEnumerable<SourceText> Sources
    {
        get
        {
            var assembly = typeof(StandardLibrary).Assembly;
            foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("std/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                yield return new(name, reader.ReadToEnd());
            }
        }
    }

    private static ImmutableArray<ComponentSymbol> Parse()
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
