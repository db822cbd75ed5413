using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Ir;

namespace Mtlc.Compiler.Views;

/// <summary>A box of the drawing: the picture, a declaration, or a task.</summary>
public sealed record DrawnBox(string Name, string Kind, ImmutableArray<string> Lines);

/// <summary>An arrow of the drawing.</summary>
/// <param name="Label">"1/4" where an encoder's earlier features are read.</param>
/// <param name="Kind">"flow", "skip", "attention", "deep" for supervision of a prediction that is not the final one.</param>
public sealed record DrawnArrow(string From, string To, string Kind, string Label);

/// <summary>The model as one draws it on a whiteboard: declarations, not operations.</summary>
public sealed record Drawing(string Title, ImmutableArray<DrawnBox> Boxes, ImmutableArray<DrawnArrow> Arrows)
{
    /// <param name="graph">The model's training or inference graph: what is not in it is not drawn.</param>
    public static Drawing Of(Model model, Graph graph)
    {
        var nodes = graph.Nodes.ToLookup(n => n.Declaration);
        var outputs = graph.Outputs.Select(o => o.Task).ToHashSet(StringComparer.Ordinal);
        var declarations = model.Declarations.Where(d => d.Kind != "refine" && nodes.Contains(d.Name)).ToList();
        var kinds = declarations.ToDictionary(d => d.Name, d => d.Kind, StringComparer.Ordinal);
        // A name without operations of its own stands for what made it: the second of `let a, b`.
        var makers = model
            .Declarations.Where(d => d.Kind != "refine" && d.Result is not null && !nodes.Contains(d.Name))
            .ToDictionary(d => d.Name, d => d.Result!.Declaration, StringComparer.Ordinal);
        var boxes = new List<DrawnBox> { new("image", "image", ["image", "3 x H x W"]) };
        var arrows = new List<DrawnArrow>();
        var counted = new HashSet<Parameter>(); // shared ones where they are used first
        foreach (var declaration in declarations)
        {
            var count = nodes[declaration.Name]
                .SelectMany(n => n.Parameters)
                .Where(p => p.IsTrainable && counted.Add(p))
                .Sum(p => p.Count);
            boxes.Add(
                new(
                    declaration.Name,
                    declaration.Kind,
                    [declaration.Name, $"{declaration.Kind}  {declaration.Result?.Shape}", count == 0 ? "" : Count(count)]
                )
            );
            foreach (var input in declaration.Inputs)
            {
                var (named, label, isSkip) = Source(input);
                var from = makers.GetValueOrDefault(named, named);
                if (from == "image" || kinds.ContainsKey(from))
                    arrows.Add(
                        new(
                            from,
                            declaration.Name,
                            isSkip ? "skip"
                                : kinds.GetValueOrDefault(from) == "attention" ? "attention"
                                : "flow",
                            label
                        )
                    );
            }
            foreach (var task in declaration.Tasks.Where(outputs.Contains))
                arrows.Add(new(declaration.Name, Box(task), IsFinal(graph, declaration.Name, task) ? "flow" : "deep", ""));
        }
        foreach (var refine in model.Declarations.Where(d => d.Kind == "refine" && outputs.Contains(d.Name)))
        {
            foreach (var input in refine.Inputs.Where(kinds.ContainsKey))
                arrows.Add(new(input, Box(refine.Name), "skip", "refine"));
        }
        foreach (var task in model.Tasks.Where(t => outputs.Contains(t.Name)))
            boxes.Add(new(Box(task.Name), "task", [task.Name, $"{task.Kind.Word}  {task.Channels} x H x W"]));
        if (!arrows.Exists(a => a.From == "image")) // all is made of other inputs
            boxes.RemoveAll(b => b.Kind == "image");
        var alive = arrows.Where(a => boxes.Any(b => b.Name == a.From) && boxes.Any(b => b.Name == a.To));
        return new(model.Name, [.. boxes], [.. alive.Distinct()]);
    }

    static bool IsFinal(Graph graph, string decoder, string task) =>
        graph.Outputs.Any(o =>
            o.Task == task && o.IsFinal && (o.Name == task || o.Name == decoder || o.Name == $"{decoder}.{task}")
        );

    /// <summary>Tasks live beside boxes of the same name.</summary>
    static string Box(string task) => $"task {task}";

    /// <summary>"skip trunk/4" to the box, what of it, and whether it is a skip.</summary>
    static (string From, string Label, bool IsSkip) Source(string input)
    {
        var isSkip = input.StartsWith("skip ", StringComparison.Ordinal);
        var text = isSkip ? input[5..] : input;
        var end = text.IndexOfAny(['.', '/', '[']);
        return end < 0 ? (text, "", isSkip) : (text[..end], text[end] == '/' ? $"1{text[end..]}" : text[(end + 1)..], isSkip);
    }

    static string Count(long count) =>
        count >= 100_000
            ? string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.00} M parameters")
            : string.Create(CultureInfo.InvariantCulture, $"{count:N0} parameters");
}
