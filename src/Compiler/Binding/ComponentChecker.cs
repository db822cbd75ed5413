using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// What is wrong with a component of the user's, or a file's `let`, whatever it is called with: names of nothing, calls that fit
/// no declaration. A word is legal as an argument of a component, as a default, in a list and beside `==`, and any parameter may
/// be a component, so only places where neither can be are looked at. The rest is judged where the component is expanded.
/// </summary>
public sealed class ComponentChecker
{
    readonly ProgramSymbols symbols;
    readonly DiagnosticBag diagnostics;

    ComponentChecker(ProgramSymbols symbols, DiagnosticBag diagnostics) =>
        (this.symbols, this.diagnostics) = (symbols, diagnostics);

    public static void Check(ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        // Where text was lost, so may have been what it declared.
        if (symbols.HasSyntaxErrors)
            return;
        var (checker, names) = (new ComponentChecker(symbols, diagnostics), symbols.Names);
        foreach (var let in symbols.Lets.Values.Where(l => l.Value is not PartSyntax { Index: > 0 }))
            checker.Check(names.Uses(let.Value, names.Globals));
        foreach (var component in symbols.Components.Values.Where(c => !c.IsStandard))
        {
            var before = diagnostics.Count;
            checker.Check(component.Syntax, names.Of(component));
            if (diagnostics.Count > before)
                symbols.Broken.Add(component);
        }
    }

    void Check(ComponentSyntax component, NameScope scope)
    {
        foreach (var parameter in component.Parameters)
            Check(symbols.Names.Uses(parameter.Default, scope));
        foreach (var let in component.Lets.Where(l => l.Value is not PartSyntax { Index: > 0 }))
            Check(symbols.Names.Uses(let.Value, scope));
        // Without parameters it may be the name of a word.
        Check(
            symbols.Names.Uses(
                component.Result,
                scope,
                needsValue: !component.Parameters.IsEmpty && component.Result is ReferenceSyntax
            )
        );
    }

    void Check(ImmutableArray<NameUse> uses)
    {
        foreach (var use in uses.Where(u => !u.IsInBraces))
        {
            var (name, known) = (use.Name, use.Scope.All.Select(d => d.Name.Text));
            if (use.Role == NameRole.Value && use.NeedsValue && use.Definition is null && !symbols.IsComponent(name.Text))
                diagnostics.UnknownName(name.Span, name.Text, known.Where(n => n != "none"), []);
            else if (use.Role == NameRole.Callee && use.Definition is null)
                diagnostics.NoComponent(
                    name.Span,
                    name.Text,
                    symbols.Components.Keys.Concat(Primitive.All.Keys).Concat(BuiltinNames.All).Concat(known)
                );
            else if (use is { Callee: { IsVariadic: false } callee, Call: { } call })
                CheckArguments(call, callee, use.IsPiped ? 1 : 0);
        }
    }

    /// <param name="piped">1 where the first argument comes through a pipe.</param>
    void CheckArguments(CallSyntax call, Callee callee, int piped)
    {
        var given = new Dictionary<string, ArgumentSyntax?>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(piped, callee.Parameters.Length); i++)
            given[callee.Parameters[i].Name] = null;
        var position = piped;
        var misspelt = new List<string>();
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is null && position >= callee.Parameters.Length)
            {
                diagnostics.TooManyArguments(argument.Span, call.Name.Text, callee.Parameters.Length, callee.Signature);
                return;
            }
            var name = argument.Name?.Text ?? callee.Parameters[position++].Name;
            if (callee.Parameters.All(p => p.Name != name))
            {
                diagnostics.NoSetting(argument.Name!.Span, name, call.Name.Text, [.. callee.Parameters.Select(p => p.Name)]);
                misspelt.Add(name);
            }
            else if (!given.TryAdd(name, argument))
            {
                diagnostics.GivenTwice(argument.Name?.Span ?? argument.Span, $"'{name}' of {call.Name.Text}", given[name]?.Span);
            }
        }
        foreach (var parameter in callee.Parameters.Where(p => p.IsRequired && !given.ContainsKey(p.Name)))
        {
            if (misspelt.TrueForAll(m => Suggestions.Closest(m, [parameter.Name]) is null))
                diagnostics.MissingArgument(call.Span, call.Name.Text, parameter.Name, callee.Signature);
        }
    }
}
