using System.Globalization;
using System.Text;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

/// <summary>The graph as text, one line a node, the same on every machine.</summary>
public static class TextDump
{
    public static string Write(Graph graph)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"graph {graph.Name}: {graph.Nodes.Length} nodes, {graph.TrainableCount:N0} parameters\n"
        );
        var (declaration, recomputed, frozen) = ("", false, false);
        foreach (var node in graph.Nodes)
        {
            if ((node.Declaration, node.IsRecomputed, node.IsFrozen) != (declaration, recomputed, frozen))
            {
                (declaration, recomputed, frozen) = (node.Declaration, node.IsRecomputed, node.IsFrozen);
                var name = declaration.Length == 0 ? "input" : declaration;
                var mark =
                    graph.IsFrozen ? ""
                    : recomputed ? ", recomputed in the backward pass"
                    : frozen ? ", frozen"
                    : "";
                text.Append(CultureInfo.InvariantCulture, $"\n# {name}{mark}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{node.Name} = {OpText.Write(node)}: {node.Shape}\n");
            foreach (var parameter in node.Parameters.Where(p => p.Spec.IsTrainable))
                text.Append(CultureInfo.InvariantCulture, $"  {parameter} {Start(parameter)}{Group(parameter)}\n");
        }
        text.Append("\n# outputs\n");
        foreach (var output in graph.Outputs)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{output.Name} -> {output.Task}{(output.IsFinal ? "" : " (deep supervision)")}: {output.Value.Name}\n"
            );
        return text.ToString();
    }

    static string Group(Parameter parameter)
    {
        var group = parameter.IsTrainable ? parameter.Group : ParameterGroup.Usual;
        return (group.Rate == 1 ? "" : FormattableString.Invariant($", lr {group.Rate:G6}x"))
            + (group.WeightDecay is { } decay ? FormattableString.Invariant($", weight_decay {decay}") : "");
    }

    static string Start(Parameter parameter) =>
        parameter.Derivation is { } derivation
            ? $"= {derivation}"
            : Binding.Signature.Snake(parameter.Spec.Initializer.ToString());
}
