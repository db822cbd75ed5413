using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;

namespace Mtlc.Compiler.Planning;

/// <summary>Values that wholly frozen encoders make of the picture and of maps alone, and that something else reads: the same
/// for the same picture, as often as it comes.</summary>
/// <param name="Values">In the order of the graph.</param>
public sealed record FrozenFeatures(ImmutableArray<Node> Values)
{
    /// <summary>The encoders of which nothing is trained, neither a weight nor what was put beside it.</summary>
    public static ImmutableArray<string> Encoders(Model model)
    {
        var nodes = model.Training.Nodes.ToLookup(n => n.Declaration);
        return
        [
            .. model
                .Declarations.Where(d => d.Kind == "encoder")
                .Select(d => d.Name)
                .Where(name => nodes[name].Any() && nodes[name].All(n => n.IsFrozen && HasConstants(n))),
        ];
    }

    /// <param name="graph">Of training or of evaluation, whatever passes made of it.</param>
    public static FrozenFeatures Of(Graph graph, ImmutableArray<string> encoders)
    {
        var still = new HashSet<Node>();
        foreach (var node in graph.Nodes)
        {
            // A pass may have joined what is frozen with what is trained.
            if (
                encoders.Contains(node.Declaration)
                && HasConstants(node)
                && (
                    node.Inputs.IsEmpty
                        ? node.Op.IsConstant
                        : node.Inputs.All(i => i.Op is Image or MapInput || still.Contains(i))
                )
            )
                still.Add(node);
        }
        var read = graph
            .Nodes.Where(n => !still.Contains(n))
            .SelectMany(n => n.Inputs)
            .Concat(graph.Outputs.Select(o => o.Value))
            .ToHashSet();
        return new([.. graph.Nodes.Where(n => n.IsBatched && still.Contains(n) && read.Contains(n))]);
    }

    /// <summary>What the values are computed by, operands first.</summary>
    public ImmutableArray<Node> Program
    {
        get
        {
            var (seen, order) = (new HashSet<Node>(), ImmutableArray.CreateBuilder<Node>());
            var stack = new Stack<(Node Node, bool IsReady)>(Values.Reverse().Select(v => (v, false)));
            while (stack.TryPop(out var top))
            {
                if (top.IsReady)
                    order.Add(top.Node);
                else if (seen.Add(top.Node))
                {
                    stack.Push((top.Node, true));
                    foreach (var input in top.Node.Inputs.Reverse())
                        stack.Push((input, false));
                }
            }
            return order.ToImmutable();
        }
    }

    /// <summary>All of <see cref="Program"/> but the numbers of its parameters, in words; no name of the user's is part of
    /// it.</summary>
    public string Text
    {
        get
        {
            var (text, numbers) = (new StringBuilder(), new Dictionary<Node, int>());
            foreach (var node in Program)
            {
                numbers[node] = numbers.Count;
                var inputs = string.Join(' ', node.Inputs.Select(i => numbers[i]));
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{Words(node.Op)} of {inputs} with {node.Parameters.Length} {node.Precision} {node.IsFrozen}\n"
                );
            }
            return text.Append("gives ").AppendJoin(' ', Values.Select(v => numbers[v])).ToString();
        }
    }

    static string Words(object? value) =>
        value switch
        {
            Op op =>
                $"{op.GetType().Name}({string.Join(' ', Signature.Of(op.GetType()).Parameters.Select(p => Words(Signature.Read(op, p))))})",
            string text => text,
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            IEnumerable list => $"[{string.Join(' ', list.Cast<object?>().Select(Words))}]",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => $"{value}",
        };

    static bool HasConstants(Node node) => node.Parameters.SelectMany(p => p.Stored).All(p => p.IsFrozen);

    /// <summary>Of one picture.</summary>
    public long Bytes(int height, int width) => Values.Sum(new Workload(1, height, width).Bytes);
}
