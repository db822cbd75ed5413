namespace Mtlc.Compiler.Binding;

/// <summary>The names that can be read at a place, besides components; a name that is not here is looked for in the
/// parent.</summary>
public sealed class NameScope(NameScope? parent, IEnumerable<Definition> definitions)
{
    // Of two declarations of one name, which is an error, the first counts.
    readonly Dictionary<string, Definition> own = definitions
        .GroupBy(d => d.Name.Text, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    public Definition? Find(string name) => own.TryGetValue(name, out var found) ? found : parent?.Find(name);

    public bool Contains(string name) => Find(name) is not null;

    /// <summary>Every definition, inner ones first; what they hide is left out.</summary>
    public IEnumerable<Definition> All => own.Values.Concat((parent?.All ?? []).Where(d => !own.ContainsKey(d.Name.Text)));

    public NameScope With(Definition definition) => new(this, [definition]);
}
