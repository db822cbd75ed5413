using System.Collections.Immutable;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Binding;

/// <summary>
/// What is wrong with a component of the user's, or a file's `let`, whatever it is called with: names of nothing, calls that fit no
/// declaration. A word is legal as an argument of a component, as a default, in a list and beside `==`, and any parameter may be a
/// component, so only places where neither can be are looked at. The rest is judged where the component is expanded.
/// </summary>
public sealed class ComponentChecker
{
    private readonly ProgramSymbols symbols;
    private readonly DiagnosticBag diagnostics;

    private ComponentChecker(ProgramSymbols symbols, DiagnosticBag diagnostics) => (this.symbols, this.diagnostics) = (symbols, diagnostics);

    public static void Check(ProgramSymbols symbols, DiagnosticBag diagnostics)
    {
        // Where text was lost, so may have been what it declared.
        if (symbols.HasSyntaxErrors)
            return;
        var checker = new ComponentChecker(symbols, diagnostics);
        var globals = symbols.Lets.Keys.Append("none").ToImmutableHashSet();
        foreach (var let in symbols.Lets.Values)
            checker.Check(let.Value, globals, isValue: false);
        foreach (var component in symbols.Components.Values.Where(c => !c.IsStandard))
        {
            var before = diagnostics.Count;
            checker.Check(component.Syntax, globals);
            if (diagnostics.Count > before)
                symbols.Broken.Add(component);
        }
    }

    private void Check(ComponentSyntax component, ImmutableHashSet<string> globals)
    {
        var scope = globals.Union(component.Parameters.Select(p => p.Name.Text)).Union(component.Lets.Select(l => l.Name.Text));
        foreach (var parameter in component.Parameters.Where(p => p.Default is not null))
            Check(parameter.Default!, scope, isValue: false);
        foreach (var let in component.Lets)
            Check(let.Value, scope, isValue: false);
        // Without parameters it may be the name of a word.
        Check(component.Result, scope, isValue: !component.Parameters.IsEmpty && component.Result is ReferenceSyntax);
    }

    /// <param name="isValue">Whether a word cannot stand here.</param>
    private void Check(ExpressionSyntax expression, ImmutableHashSet<string> scope, bool isValue)
    {
        switch (expression)
        {
            case ReferenceSyntax { Name: var name }:
                if (isValue && !scope.Contains(name.Text) && !symbols.IsComponent(name.Text))
                    diagnostics.UnknownName(name.Span, name.Text, scope.Where(n => n != "none"), []);
                break;
            case ParenthesizedSyntax parenthesized:
                Check(parenthesized.Inner, scope, isValue);
                break;
            case CallSyntax call:
                Check(call, scope, piped: 0);
                break;
            case ListSyntax list:
                foreach (var item in list.Items)
                    Check(item, scope, isValue: false);
                break;
            case ComprehensionSyntax comprehension:
                Check(comprehension.Items, scope, isValue: true);
                Check(comprehension.Element, scope.Add(comprehension.Variable.Text), isValue: false);
                break;
            case PipeSyntax pipe:
                Check(pipe.Input, scope, isValue: true);
                foreach (var stage in pipe.Stages)
                    Check(stage, scope);
                break;
            case UnarySyntax unary:
                Check(unary.Operand, scope, isValue: true);
                break;
            case BinarySyntax binary:
                var compares = binary.Operator is BinaryOperator.Equal or BinaryOperator.NotEqual;
                Check(binary.Left, scope, !compares);
                Check(binary.Right, scope, !compares);
                break;
            case ConditionalSyntax conditional:
                Check(conditional.Condition, scope, isValue: true);
                Check(conditional.Then, scope, isValue);
                Check(conditional.Else, scope, isValue);
                break;
            case IndexSyntax index:
                Check(index.Target, scope, isValue: true);
                Check(index.Index, scope, isValue: true);
                break;
            case PartSyntax { Index: 0 } part: // the others are the same list
                Check(part.List, scope, isValue: true);
                break;
            case MemberSyntax member:
                Check(member.Target, scope, isValue: true);
                break;
        }
    }

    private void Check(StageSyntax stage, ImmutableHashSet<string> scope)
    {
        if (stage is CallStageSyntax call)
        {
            Check(call.Call, scope, piped: 1);
        }
        else if (stage is LoopStageSyntax loop)
        {
            Check(loop.Items, scope, isValue: true);
            Check(loop.Body, scope.Add(loop.Variable.Text));
        }
    }

    /// <param name="piped">1 where the first argument comes through a pipe.</param>
    private void Check(CallSyntax call, ImmutableHashSet<string> scope, int piped)
    {
        var name = call.Name.Text;
        var callee = symbols.IsComponent(name) && !scope.Contains(name) ? Callee.Of(name, symbols) : null;
        if (callee is null && !scope.Contains(name))
            diagnostics.NoComponent(call.Name.Span, name, symbols.Components.Keys.Concat(Primitive.All.Keys).Concat(BuiltinNames.All).Concat(scope));
        if (callee is { IsVariadic: false })
            CheckArguments(call, callee, piped);
        var position = piped;
        foreach (var argument in call.Arguments)
        {
            var parameter = argument.Name?.Text ?? callee?.Parameters.ElementAtOrDefault(position++).Name;
            var type = callee?.Parameters.FirstOrDefault(p => p.Name == parameter).Type;
            Check(argument.Value, scope, isValue: callee is { IsVariadic: true } || (type is not null && !type.IsEnum && type != typeof(Ops.Padding)));
        }
    }

    private void CheckArguments(CallSyntax call, Callee callee, int piped)
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

    /// <summary>A component, primitive or built-in function as a call sees it; a type where no word can be given.</summary>
    private sealed record Callee(string Signature, bool IsVariadic, ImmutableArray<(string Name, bool IsRequired, Type? Type)> Parameters)
    {
        public static Callee Of(string name, ProgramSymbols symbols)
        {
            if (BuiltinNames.Parameters.TryGetValue(name, out var builtin))
            {
                return new($"{name}({string.Join(", ", builtin)})", false,
                    [.. builtin.Select(p => (p, !(name == "range" && p == "end"), p == "value" ? null : typeof(double)))]);
            }
            if (symbols.Components.TryGetValue(name, out var component))
                return new(component.Signature, false, [.. component.Syntax.Parameters.Select(p => (p.Name.Text, p.Default is null, (Type?)null))]);
            var primitive = Primitive.All[name];
            return new(primitive.Declared, primitive.IsVariadic,
            [
                .. primitive.Operands.Select(o => (o, true, (Type?)typeof(Ir.Node))),
                .. primitive.Signature.Parameters.Select(p => (p.Name, !p.IsOptional, (Type?)p.Type)),
            ]);
        }
    }
}
