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
        text.Append(CultureInfo.InvariantCulture, $"graph {graph.Name}: {graph.Nodes.Length} nodes, {graph.TrainableCount:N0} parameters\n");
        var (declaration, recomputed) = ("", false);
        foreach (var node in graph.Nodes)
        {
            if ((node.Declaration, node.IsRecomputed) != (declaration, recomputed))
            {
                (declaration, recomputed) = (node.Declaration, node.IsRecomputed);
                var name = declaration.Length == 0 ? "input" : declaration;
                text.Append(CultureInfo.InvariantCulture, $"\n# {name}{(recomputed && !graph.IsFrozen ? ", recomputed in the backward pass" : "")}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{node.Name} = {OpText.Write(node)}: {node.Shape}\n");
            foreach (var parameter in node.Parameters.Where(p => p.IsTrainable))
                text.Append(CultureInfo.InvariantCulture, $"  {parameter} {Start(parameter)}\n");
        }
        text.Append("\n# outputs\n");
        foreach (var output in graph.Outputs)
            text.Append(CultureInfo.InvariantCulture, $"{output.Name} -> {output.Task}{(output.IsFinal ? "" : " (deep supervision)")}: {output.Value.Name}\n");
        return text.ToString();
    }

    private static string Start(Parameter parameter) =>
        parameter.Derivation is { } derivation ? $"= {derivation}" : Binding.Signature.Snake(parameter.Spec.Initializer.ToString());
}
