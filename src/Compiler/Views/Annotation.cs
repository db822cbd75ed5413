using System.Globalization;
using System.Text;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Views;

/// <summary>The source with what was inferred beside each statement: its features' shape and its parameters.</summary>
public static class Annotation
{
    const int WidestColumn = 100;

    /// <summary>The file that declares the model.</summary>
    public static string Write(Model model) => Write(model, model.Declarations[0].Span.Source);

    static string Write(Model model, SourceText source)
    {
        var notes = new SortedDictionary<int, List<string>>();
        var nodes = model.Training.Nodes.ToLookup(n => n.Declaration);
        var counted = new HashSet<Parameter>(); // shared ones where they are used first
        foreach (var declaration in model.Declarations.Where(d => d.Span.Source == source))
        {
            var shape = declaration.Result?.Shape ?? nodes[declaration.Name].LastOrDefault()?.Shape;
            if (shape is null)
                continue;
            var count = nodes[declaration.Name]
                .SelectMany(n => n.Parameters)
                .Where(p => p.IsTrainable && counted.Add(p))
                .Sum(p => p.Count);
            var parameters = count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {count:N0} parameters");
            Add(declaration.Span, $"{shape}{parameters}");
        }
        return Beside(source, notes);

        void Add(SourceSpan span, string note)
        {
            var line = span.Position.Line;
            if (!notes.TryGetValue(line, out var list))
                notes[line] = list = [];
            list.Add(note);
        }
    }

    static string Beside(SourceText source, SortedDictionary<int, List<string>> notes)
    {
        var column = notes.Keys.Select(l => source.Line(l).Length).Where(l => l <= WidestColumn).DefaultIfEmpty(0).Max() + 2;
        var text = new StringBuilder();
        var lines = source.LineCount - (source.Line(source.LineCount).Length == 0 ? 1 : 0);
        for (var line = 1; line <= lines; line++)
        {
            var code = source.Line(line);
            if (!notes.TryGetValue(line, out var list))
                text.Append(code).Append('\n');
            else
                text.Append(code.PadRight(Math.Max(column, code.Length + 1))).Append("# ").AppendJoin("; ", list).Append('\n');
        }
        return text.ToString();
    }
}
