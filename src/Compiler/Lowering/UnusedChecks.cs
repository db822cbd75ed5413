using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Compiler.Lowering;

/// <summary>Warns of boxes that no prediction depends on, and of the program's own `let`s and components that nothing reads.</summary>
public static class UnusedChecks
{
    public static void Run(Model model, ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        var symbol = symbols.Model!;
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in symbol.Boxes.Values.SelectMany(b => b.Reads).Select(r => r.Box))
            read.Add(name);
        read.UnionWith(References.Of(symbol.Loss?.Value).Select(n => n.Text));
        read.UnionWith(symbol.Refines.SelectMany(r => References.Of(r.Component)).Select(n => n.Text));
        foreach (var box in symbol.Boxes.Values.Where(b => b.Kind != "decoder" && !read.Contains(b.Name.Text)))
            diagnostics.Unused(box.Name.Span, box.Kind, box.Name.Text);
        var alive = model.Training.Nodes.Select(n => n.Declaration).ToHashSet(StringComparer.Ordinal);
        foreach (var box in symbol.Boxes.Values.Where(b => b.Kind is "encoder" or "aspp" or "attention" && read.Contains(b.Name.Text) && !alive.Contains(b.Name.Text)))
            diagnostics.Unused(box.Name.Span, box.Kind, box.Name.Text);
    }
}
