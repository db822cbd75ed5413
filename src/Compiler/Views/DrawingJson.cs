using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Views;

/// <summary>
/// The drawing for programs that show it: boxes with their places in the source, their operations and what each costs, and the
/// arrows between both. Costs are those of one picture: trainable parameters, multiply-adds, bytes of the feature maps made.
/// </summary>
public static class DrawingJson
{
    static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="graph">One of the model's.</param>
    /// <param name="nanoseconds">What each operation took, where it was measured.</param>
    /// <returns>One object and a line feed.</returns>
    public static string Write(Model model, Graph graph, ImageSize size, IReadOnlyDictionary<string, long>? nanoseconds = null)
    {
        var drawing = Drawing.Of(model, graph);
        var declarations = model
            .Declarations.Where(d => d.Kind != "refine")
            .DistinctBy(d => d.Name)
            .ToDictionary(d => d.Name, StringComparer.Ordinal);
        var nodes = graph.Nodes.ToLookup(n => n.Declaration);
        var tasks = model
            .Declarations.Where(d => d.Kind == "refine")
            .DistinctBy(d => d.Name)
            .ToDictionary(d => $"task {d.Name}", StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", drawing.Title);
            json.WriteString("size", size.ToString());
            Costs(json, graph.Nodes, size, nanoseconds);
            json.WriteStartArray("boxes");
            foreach (var box in drawing.Boxes)
            {
                var declaration = declarations.GetValueOrDefault(box.Name) ?? tasks.GetValueOrDefault(box.Name);
                // A task's box has the operations of its refinement, where it has one of a statement of its own.
                var own =
                    box.Kind == "task"
                        ? box.Name[5..] is var task && !declarations.ContainsKey(task)
                            ? [.. nodes[task]]
                            : ImmutableArray<Node>.Empty
                        : box.Kind == "image"
                            ? []
                            : [.. nodes[box.Name]];
                json.WriteStartObject();
                json.WriteString("name", box.Name);
                json.WriteString("kind", box.Kind);
                json.WriteStartArray("lines");
                foreach (var line in box.Lines.Where(l => l.Length > 0))
                    json.WriteStringValue(line);
                json.WriteEndArray();
                Place(json, declaration?.Span);
                Costs(json, own, size, nanoseconds);
                json.WriteStartArray("nodes");
                foreach (var node in own)
                    Write(json, node, declaration, size, nanoseconds);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("arrows");
            foreach (var arrow in drawing.Arrows)
            {
                json.WriteStartObject();
                json.WriteString("from", arrow.From);
                json.WriteString("to", arrow.To);
                json.WriteString("kind", arrow.Kind);
                json.WriteString("label", arrow.Label);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("outputs");
            foreach (var output in graph.Outputs)
            {
                json.WriteStartObject();
                json.WriteString("task", output.Task);
                json.WriteString("node", output.Value.Name);
                json.WriteBoolean("final", output.IsFinal);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    static void Write(
        Utf8JsonWriter json,
        Node node,
        Declaration? declaration,
        ImageSize size,
        IReadOnlyDictionary<string, long>? nanoseconds
    )
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        json.WriteString("op", node.Op.Name);
        json.WriteString("settings", string.Join(", ", OpText.Settings(node.Op)));
        json.WriteString("shape", node.Shape.ToString());
        json.WriteStartArray("inputs");
        foreach (var input in node.Inputs)
            json.WriteStringValue(input.Name);
        json.WriteEndArray();
        // Of what a component of the library makes, the statement is what the user can go to.
        Place(json, node.Origin is { } origin && origin.Source == declaration?.Span.Source ? origin : declaration?.Span);
        Costs(json, [node], size, nanoseconds);
        json.WriteEndObject();
    }

    static void Place(Utf8JsonWriter json, SourceSpan? span)
    {
        if (span is not { } known)
            return;
        json.WriteString("file", known.Source.Path);
        json.WriteNumber("line", known.Position.Line);
        json.WriteNumber("column", known.Position.Column);
    }

    static void Costs(
        Utf8JsonWriter json,
        ImmutableArray<Node> nodes,
        ImageSize size,
        IReadOnlyDictionary<string, long>? nanoseconds
    )
    {
        json.WriteNumber(
            "parameters",
            nodes.SelectMany(n => n.Parameters).Distinct().Where(p => p.IsTrainable).Sum(p => p.Count)
        );
        json.WriteNumber("multiply_adds", nodes.Sum(n => n.MultiplyAdds(size.Height, size.Width)));
        json.WriteNumber("memory", nodes.Sum(n => 4 * n.Shape.Elements(size.Height, size.Width)));
        if (nanoseconds is not null)
            json.WriteNumber("nanoseconds", nodes.Sum(n => nanoseconds.GetValueOrDefault(n.Name)));
    }
}
