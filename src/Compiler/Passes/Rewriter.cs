using System.Collections.Immutable;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Passes;

/// <summary>Walks a graph in order and copies it, so that a pass only says what it changes; what nobody reads any more is
/// dropped.</summary>
sealed class Rewriter
{
    readonly List<Node> nodes = [];
    readonly Dictionary<Node, Node> renewed = [];
    readonly HashSet<string> names;
    readonly ILookup<Node, Node> readers;
    readonly HashSet<Node> outputs;

    Rewriter(Graph graph)
    {
        names = [.. graph.Nodes.Select(n => n.Name)];
        readers = graph.Nodes.SelectMany(n => n.Inputs.Select(i => (Input: i, Reader: n))).ToLookup(e => e.Input, e => e.Reader);
        outputs = [.. graph.Outputs.Select(o => o.Value)];
    }

    /// <param name="rewrite">Gives what stands for a node of the old graph in the new one, or null to keep it.</param>
    public static Graph Run(Graph graph, Func<Rewriter, Node, Node?> rewrite)
    {
        var rewriter = new Rewriter(graph);
        foreach (var node in graph.Nodes)
            rewriter.renewed[node] = rewrite(rewriter, node) ?? rewriter.Keep(node);
        return DeadCode.Remove(
            graph.With([.. rewriter.nodes], [.. graph.Outputs.Select(o => o with { Value = rewriter[o.Value] })])
        );
    }

    /// <summary>What stands for a node of the old graph that was visited already.</summary>
    public Node this[Node old] => renewed[old];

    /// <summary>Readers in the old graph.</summary>
    public IEnumerable<Node> Readers(Node old) => readers[old];

    /// <summary>Whether one operation reads it, once, and no output does.</summary>
    public bool IsReadOnce(Node old) => !outputs.Contains(old) && readers[old].Take(2).Count() == 1;

    public bool IsOutput(Node old) => outputs.Contains(old);

    readonly Dictionary<string, Parameter> derived = new(StringComparer.Ordinal);

    /// <summary>A derived parameter, the same for every node that wants it: shared weights are derived once.</summary>
    public Parameter Derive(string name, ParameterSpec spec, Derivation derivation)
    {
        if (!derived.TryGetValue(name, out var known))
            derived.Add(name, known = new(name, spec, derivation));
        return known;
    }

    /// <summary>A node that has the value of <paramref name="old"/>, and so its name.</summary>
    public Node Replace(Node old, Op op, ImmutableArray<Node> inputs, ImmutableArray<Parameter> parameters) =>
        Make(old.Name, old, op, inputs, parameters);

    /// <summary>A node on the way to the value of <paramref name="old"/>, named "old:role".</summary>
    public Node Add(Node old, string role, Op op, ImmutableArray<Node> inputs, ImmutableArray<Parameter> parameters)
    {
        var name = $"{old.Name}:{role}";
        for (var i = 2; !names.Add(name); i++)
            name = FormattableString.Invariant($"{old.Name}:{role}{i}");
        return Make(name, old, op, inputs, parameters);
    }

    Node Keep(Node node)
    {
        ImmutableArray<Node> inputs = [.. node.Inputs.Select(i => renewed[i])];
        if (inputs.SequenceEqual(node.Inputs))
        {
            nodes.Add(node);
            return node;
        }
        return Replace(node, node.Op, inputs, node.Parameters);
    }

    Node Make(string name, Node old, Op op, ImmutableArray<Node> inputs, ImmutableArray<Parameter> parameters)
    {
        var shape =
            op.Infer([.. inputs.Select(i => i.Shape)], Verifier.NoErrors.Instance)
            ?? throw new InvalidGraphException($"'{name}' = {op} does not fit its operands");
        var node = new Node(name, op, inputs, parameters, shape, old.Declaration, old.Origin)
        {
            IsRecomputed = old.IsRecomputed,
            IsFrozen = old.IsFrozen,
            Use = old.Use,
        };
        nodes.Add(node);
        return node;
    }
}
