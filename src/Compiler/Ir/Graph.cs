using System.Collections.Immutable;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Ir;

/// <summary>One operation applied to the results of others; it and its single result are one thing.</summary>
public sealed class Node(
    string name,
    Op op,
    ImmutableArray<Node> inputs,
    ImmutableArray<Parameter> parameters,
    TensorShape shape,
    string declaration,
    SourceSpan? origin
)
{
    /// <summary>The path in the source, unique in the graph: "semseg_2.refined.0.1". Parameters are named below it or by
    /// it.</summary>
    public string Name { get; private set; } = name;

    public Op Op { get; private set; } = op;

    public ImmutableArray<Node> Inputs { get; } = inputs;

    /// <summary>In the order of <see cref="Op.Parameters"/>.</summary>
    public ImmutableArray<Parameter> Parameters { get; private set; } = parameters;

    public TensorShape Shape { get; } = shape;

    /// <summary>The statement of the model that it belongs to: a statement's, `let`'s or task's name.</summary>
    public string Declaration { get; } = declaration;

    public SourceSpan? Origin { get; } = origin;

    /// <summary>The number format of its value: that of what it reads, unless it casts.</summary>
    public Precision Precision { get; } = op.Casts ?? (inputs.Length > 0 ? inputs[0].Precision : Precision.Float32);

    /// <summary>
    /// Whether training forgets its value and computes it again in the backward pass (`recompute: true`). Consecutive nodes of
    /// one declaration are a region: what others read of them is kept. </summary>
    public bool IsRecomputed { get; internal set; }

    /// <summary>Whether it computes as in evaluation in training too (`frozen: true`): batch norm's statistics stand still,
    /// dropout is off.</summary>
    public bool IsFrozen { get; internal set; }

    /// <summary>Whether its value has one sample for each picture; what is made of parameters alone has a single one.</summary>
    public bool IsBatched { get; } =
        inputs.IsEmpty ? !op.IsConstant : inputs.Where((_, i) => op.ReadsValues(i)).Any(i => i.IsBatched);

    /// <summary>Which use of a `share` it belongs to, counted over the network from 1; 0 for what no share made.</summary>
    public int Use { get; init; }

    /// <summary>The path of names in the source, which nodes on the way to its value have in common with it.</summary>
    public string Path => Name.IndexOf(':', StringComparison.Ordinal) is >= 0 and var end ? Name[..end] : Name;

    public ImmutableArray<TensorShape> InputShapes => [.. Inputs.Select(i => i.Shape)];

    public long MultiplyAdds(int height, int width) => Op.MultiplyAdds(InputShapes, Shape, height, width);

    /// <summary>Only while the graph is being built: how far an encoder is frozen is known once it stands. What is frozen is not
    /// recomputed: nothing of it is kept for the backward pass, unless something in it is trained all the same.</summary>
    internal void Freeze(bool isAdapted)
    {
        (IsRecomputed, IsFrozen) = (IsRecomputed && isAdapted, true);
        foreach (var parameter in Parameters)
            parameter.IsFrozen = true;
    }

    /// <summary>Only while the graph is being built: what attention reads is known once an encoder stands.</summary>
    internal void Adapt(Op op, ImmutableArray<Parameter> parameters) => (Op, Parameters) = (op, parameters);

    /// <summary>Only while the graph is being built: names are known once all nodes are.</summary>
    internal void Rename(string name) => Name = name;

    public override string ToString() => $"{Name} = {Op.Name}({string.Join(", ", Inputs.Select(i => i.Name))}): {Shape}";
}

/// <summary>A prediction: full-size, after its activation (segmentation has none: logits).</summary>
/// <param name="Name">The decoder's name, or "decoder.task" where it predicts several.</param>
/// <param name="Task">The task that it predicts.</param>
/// <param name="IsFinal">Whether it is the task's scored prediction; others are deep supervision.</param>
public sealed record GraphOutput(string Name, string Task, Node Value, bool IsFinal);

/// <summary>A network: nodes in topological order and what it predicts.</summary>
public sealed class Graph(string name, ImmutableArray<Node> nodes, ImmutableArray<GraphOutput> outputs)
{
    public string Name { get; } = name;
    public ImmutableArray<Node> Nodes { get; } = nodes;
    public ImmutableArray<GraphOutput> Outputs { get; } = outputs;

    /// <summary>
    /// Whether passes took weights and running statistics for constants: such a graph only evaluates, whatever mode its module is
    /// in. </summary>
    public bool IsFrozen { get; init; }

    /// <summary>Stored parameters and buffers, each once, in the order of first use.</summary>
    public ImmutableArray<Parameter> Parameters { get; } =
    [.. nodes.SelectMany(n => n.Parameters).SelectMany(p => p.Stored).Distinct()];

    /// <summary>Parameters that would be trained, were their statements not frozen.</summary>
    public long FrozenCount => Parameters.Where(p => p.IsFrozen && p.Spec.IsTrainable).Sum(p => p.Count);

    public long TrainableCount => Parameters.Where(p => p.IsTrainable).Sum(p => p.Count);

    public long MultiplyAdds(int height, int width) => Nodes.Sum(n => n.MultiplyAdds(height, width));

    /// <summary>Which nodes, from first to end - 1, are recomputed together: <see cref="Node.IsRecomputed"/>.</summary>
    public static IEnumerable<(int First, int End)> Regions(IReadOnlyList<Node> nodes)
    {
        for (var (first, end) = (0, 0); first < nodes.Count; first = end)
        {
            end = first + 1;
            if (!nodes[first].IsRecomputed)
                continue;
            while (end < nodes.Count && nodes[end].IsRecomputed && nodes[end].Declaration == nodes[first].Declaration)
                end++;
            yield return (first, end);
        }
    }

    public Graph With(ImmutableArray<Node> nodes, ImmutableArray<GraphOutput> outputs) =>
        new(Name, nodes, outputs) { IsFrozen = IsFrozen };
}
