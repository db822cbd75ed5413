using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

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
        read.UnionWith(symbol.Boxes.Values.Where(b => b.Exchange is not null).Select(b => b.Name.Text));
        read.UnionWith(References.Of(symbol.Loss?.Value).Select(n => n.Text));
        read.UnionWith(symbol.Refines.SelectMany(r => References.Of(r.Syntax.Component).Concat(References.Of(r.Settings))).Select(n => n.Text));
        foreach (var box in symbol.Boxes.Values.Where(b => b.Kind != "decoder" && !read.Contains(b.Name.Text)))
            diagnostics.Unused(box.Name.Span, box.Kind, box.Name.Text, "nothing reads it");
        foreach (var component in symbols.Components.Values.Where(c => !c.IsStandard))
            UnusedLets(component, diagnostics);
        var alive = model.Training.Nodes.Select(n => n.Declaration).ToHashSet(StringComparer.Ordinal);
        foreach (var box in symbol.Boxes.Values.Where(b => b.Kind is "encoder" or "aspp" or "attention" && read.Contains(b.Name.Text) && !alive.Contains(b.Name.Text)))
            diagnostics.Unused(box.Name.Span, box.Kind, box.Name.Text, "no prediction depends on it");
    }

    /// <summary>A component's `let`s that its result does not reach make nothing.</summary>
    private static void UnusedLets(ComponentSymbol component, DiagnosticBag diagnostics)
    {
        var lets = component.Syntax.Lets.DistinctBy(l => l.Name.Text).ToDictionary(l => l.Name.Text, StringComparer.Ordinal);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<ExpressionSyntax>([component.Syntax.Result]);
        while (open.TryPop(out var expression))
        {
            foreach (var name in References.Of(expression).Where(n => lets.ContainsKey(n.Text) && reached.Add(n.Text)))
                open.Push(lets[name.Text].Value);
        }
        foreach (var let in lets.Values.Where(l => !reached.Contains(l.Name.Text)))
            diagnostics.Unused(let.Name.Span, "let", let.Name.Text, $"the result of '{component.Name}' does not depend on it");
    }
}
