using System.Globalization;
using System.Text;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

/// <summary>The graph for Graphviz: every operation, a cluster for each statement of the model.</summary>
public static class Dot
{
    public static string Write(Graph graph)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"digraph {Quote(graph.Name)} {{\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"Helvetica\", "
                + $"fontsize=10];\n"
        );
        foreach (var group in graph.Nodes.GroupBy(n => n.Declaration))
        {
            var indent = "  ";
            if (group.Key.Length > 0)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  subgraph {Quote("cluster_" + group.Key)} {{\n    label={Quote(group.Key)};\n    color=gray;\n"
                );
                indent = "    ";
            }
            foreach (var node in group)
            {
                var settings = string.Join(", ", OpText.Settings(node.Op));
                var label = $"{node.Op.Name}{(settings.Length == 0 ? "" : $"\n{settings}")}\n{node.Shape}";
                text.Append(CultureInfo.InvariantCulture, $"{indent}{Quote(node.Name)} [label={Quote(label)}];\n");
            }
            if (group.Key.Length > 0)
                text.Append("  }\n");
        }
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs)
                text.Append(CultureInfo.InvariantCulture, $"  {Quote(input.Name)} -> {Quote(node.Name)};\n");
        }
        foreach (var output in graph.Outputs)
        {
            var name = $"output {output.Name}";
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {Quote(name)} [label={Quote(output.Name + (output.IsFinal ? "" : "\ndeep supervision"))}, shape=ellipse];\n"
            );
            text.Append(CultureInfo.InvariantCulture, $"  {Quote(output.Value.Name)} -> {Quote(name)};\n");
        }
        return text.Append("}\n").ToString();
    }

    static string Quote(string text) =>
        "\""
        + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
        + "\"";
}
