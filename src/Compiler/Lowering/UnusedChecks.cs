using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>Warns of statements that no prediction depends on, and of `let`s of the program's own components and models that
/// nothing reads.</summary>
public static class UnusedChecks
{
    public static void Run(Model model, ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        var (symbol, names) = (symbols.Model!, symbols.Names);
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in symbol.Statements.Values.SelectMany(b => b.Reads).Select(r => r.Statement))
            read.Add(name);
        read.UnionWith(symbol.Statements.Values.Where(b => b.Exchange is not null).Select(b => b.Name.Text));
        read.UnionWith(Statements(names.Uses(symbol.Loss?.Value, names.Model)));
        read.UnionWith(
            symbol.Refines.SelectMany(r =>
                Statements([.. names.Uses(r.Syntax.Component, names.Model), .. names.Uses(r.Settings, names.Model)])
            )
        );
        foreach (var statement in symbol.Statements.Values.Where(b => b.Kind != "decoder" && !read.Contains(b.Name.Text)))
            diagnostics.Unused(statement.Name.Span, statement.Kind, statement.Name.Text, "nothing reads it");
        foreach (var component in symbols.Components.Values.Where(c => !c.IsStandard))
            UnusedLets(component, names, diagnostics);
        var alive = model.Training.Nodes.Select(n => n.Declaration).ToHashSet(StringComparer.Ordinal);
        foreach (
            var statement in symbol.Statements.Values.Where(b =>
                b.Kind is "input" or "encoder" or "aspp" or "attention"
                && read.Contains(b.Name.Text)
                && !alive.Contains(b.Name.Text)
            )
        )
            diagnostics.Unused(statement.Name.Span, statement.Kind, statement.Name.Text, "no prediction depends on it");
    }

    static IEnumerable<string> Statements(IEnumerable<NameUse> uses) =>
        uses.Where(u => u.Definition is { Kind: DefinitionKind.Statement }).Select(u => u.Name.Text);

    /// <summary>A component's `let`s that its result does not reach make nothing.</summary>
    static void UnusedLets(ComponentSymbol component, NameRules names, DiagnosticBag diagnostics)
    {
        var scope = names.Of(component);
        var reached = new HashSet<Definition>();
        var open = new Stack<ExpressionSyntax>([component.Syntax.Result]);
        while (open.TryPop(out var expression))
        {
            foreach (var use in names.Uses(expression, scope))
            {
                if (
                    use.Definition is { Syntax: LetSyntax let } definition
                    && definition.Owner == component
                    && reached.Add(definition)
                )
                    open.Push(let.Value);
            }
        }
        foreach (
            var let in component
                .Syntax.Lets.DistinctBy(l => l.Name.Text)
                .Where(l => !reached.Contains(names.Declare(DefinitionKind.Let, l.Name, l, component)))
        )
            diagnostics.Unused(let.Name.Span, "let", let.Name.Text, $"the result of '{component.Name}' does not depend on it");
    }
}
