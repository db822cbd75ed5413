using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>Names and what they stand for; a name that is not here is looked for in the parent.</summary>
public sealed class Scope(Scope? parent = null)
{
    readonly Dictionary<string, Slot> slots = new(StringComparer.Ordinal);

    public void Define(string name, Value value, Origin? origin = null) => slots[name] = new() { Value = value, Origin = origin };

    /// <summary>A `let`: evaluated when first read, so that what nothing reads makes nothing.</summary>
    public void DefineLazily(NameSyntax name, ExpressionSyntax expression, Scope scope, string path) =>
        slots[name.Text] = new()
        {
            Name = name,
            Expression = expression,
            Scope = scope,
            Path = path,
        };

    readonly Dictionary<ExpressionSyntax, Slot> lists = new(ReferenceEqualityComparer.Instance);

    /// <summary>The list whose items several of this scope's names stand for (`let a, b = list`): one slot for all of
    /// them.</summary>
    /// <param name="path">Of its first name, below which its parameters are named.</param>
    public Slot List(PartSyntax part, string path)
    {
        if (!lists.TryGetValue(part.List, out var slot))
        {
            var name = new NameSyntax(string.Join(", ", part.Names.Select(n => n.Text)), part.Names[0].Span);
            lists.Add(
                part.List,
                slot = new()
                {
                    Name = name,
                    Expression = part.List,
                    Scope = this,
                    Path = path,
                }
            );
        }
        return slot;
    }

    public Slot? Find(string name) => slots.TryGetValue(name, out var slot) ? slot : parent?.Find(name);

    /// <summary>Every name that can be read here.</summary>
    public IEnumerable<string> Names => slots.Keys.Concat(parent?.Names ?? []);

    /// <summary>Of this scope alone, in the order defined.</summary>
    public IEnumerable<(string Name, Slot Slot)> Own => slots.Select(s => (s.Key, s.Value));
}

/// <summary>A name's value, or how to get it.</summary>
public sealed class Slot
{
    public Value? Value { get; set; }
    public bool IsBusy { get; set; }

    /// <summary>Where its evaluation stands, if it was stopped at a step of a loop or pipe.</summary>
    internal Evaluator.Progress? Progress { get; set; }

    /// <summary>Whether it was said already that the value does not fit its names.</summary>
    public bool IsBlamed { get; set; }

    public NameSyntax? Name { get; init; }
    public ExpressionSyntax? Expression { get; init; }
    public Scope? Scope { get; init; }
    public string Path { get; init; } = "";

    /// <summary>What the user wrote for it, where it is a parameter or goes through a list that one holds.</summary>
    public Origin? Origin { get; init; }
}

/// <summary>What a component made: its value, and its `let`s where a statement may name them.</summary>
public sealed record Expansion(Value Value, Scope? Instance)
{
    public static readonly Expansion Error = new(ErrorValue.Instance, null);

    /// <summary>The features that `let`s name, in the order written, as far as the result reached them.</summary>
    public ImmutableArray<(string Name, Value Value)> Features =>
        Instance is null
            ? []
            :
            [
                .. Instance
                    .Own.Where(s => s.Slot.Expression is not null)
                    .Select(s => (s.Name, Value: Named(s.Slot.Value)))
                    .Where(s => s.Value is not null)
                    .Select(s => (s.Name, s.Value!)),
            ];

    // A list of features is named as a chain is: its last item, and each by its index.
    static Value? Named(Value? value) =>
        value switch
        {
            { Features: not null } => value,
            ListValue { Items: { Length: > 0 } items } when items.All(i => i.Features is not null) => new ChainValue(
                items[^1],
                items
            ),
            _ => null,
        };
}
