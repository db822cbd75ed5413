using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Binding;

/// <summary>Which name means which declaration, over every file of a program, also where it has errors.</summary>
public sealed class Resolution
{
    readonly Dictionary<SourceText, ImmutableArray<NameUse>> files = new(ReferenceEqualityComparer.Instance);

    Resolution(ProgramSymbols symbols)
    {
        Names = symbols.Names;
        foreach (var tree in symbols.Trees)
            files[tree.Source] = FileNames.Of(tree, symbols);
    }

    /// <summary>The rules by which names are looked up.</summary>
    public NameRules Names { get; }

    /// <summary>The names of a file in the order of its declarations; none of a file that is not the program's.</summary>
    public ImmutableArray<NameUse> In(SourceText source) => files.GetValueOrDefault(source, []);

    /// <summary>Every name of the program.</summary>
    public IEnumerable<NameUse> All => files.Values.SelectMany(f => f);

    /// <summary>The name at an offset, or just before it; null where there is none.</summary>
    public NameUse? At(SourceText source, int offset) =>
        In(source)
            .Where(u => u.Name.Span.Start <= offset && offset <= u.Name.Span.End && u.Name.Span.Length > 0)
            .OrderByDescending(u => u.Name.Span.Start)
            .FirstOrDefault();

    internal static Resolution Of(ProgramSymbols symbols) => new(symbols);
}
