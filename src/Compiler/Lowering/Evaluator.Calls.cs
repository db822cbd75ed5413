using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

public sealed partial class Evaluator
{
    const int FrameLimit = 1000;

    ImmutableArray<Argument> Arguments(CallSyntax call, (Value Value, SourceSpan Span)? piped, Scope scope, string path)
    {
        var arguments = ImmutableArray.CreateBuilder<Argument>();
        if (piped is { } input)
            arguments.Add(new(null, input.Value, input.Span));
        foreach (var argument in call.Arguments)
        {
            arguments.Add(
                new(
                    argument.Name?.Text,
                    Evaluate(argument.Value, scope, path),
                    argument.Value.Span,
                    frames.Count == 0 ? argument.Value : null,
                    OriginOf(argument.Value, scope),
                    argument.Name?.Span
                )
            );
        }
        return arguments.ToImmutable();
    }

    Expansion Call(CallSyntax call, (Value Value, SourceSpan Span)? piped, Scope scope, string path)
    {
        var arguments = Arguments(call, piped, scope, path);
        var name = call.Name.Text;
        // `let head = head(x)`: what is called is the component.
        if (
            scope.Find(name) is { } slot
            && !(symbols.IsComponent(name) && (slot.IsBusy || Force(slot, call.Name.Span) is not ComponentValue))
        )
        {
            var callee = Force(slot, call.Name.Span);
            if (callee is ComponentValue component)
                return Call(component, arguments, call.Span, path);
            WrongKind(call.Name.Span, $"'{name}', which is called", "a component", callee, slot.Origin);
            return Expansion.Error;
        }
        if (Builtins.All.TryGetValue(name, out var builtin))
            return new(builtin(this, arguments, call.Span, path), null);
        if (symbols.Components.TryGetValue(name, out var declared))
            return Expand(declared, arguments, call.Span, path);
        if (Primitive.All.TryGetValue(name, out var primitive))
            return new(Apply(primitive, arguments, call.Span, path), null);
        diagnostics.NoComponent(
            call.Name.Span,
            name,
            symbols
                .Components.Keys.Concat(Primitive.All.Keys)
                .Concat(Builtins.All.Keys)
                .Concat(scope.Names.Where(n => scope.Find(n)!.Value is ComponentValue))
        );
        return Expansion.Error;
    }

    public Expansion Call(ComponentValue callee, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        if (callee.Share is { } share)
        {
            using var use = builder.Share(share, span);
            return Call(callee with { Share = null }, arguments.AddRange(share.Settings), span, share.Name);
        }
        return callee.Component is { } component
            ? Expand(component, arguments, span, path)
            : new(Apply(callee.Primitive!, arguments, span, path), null);
    }

    /// <summary>Expands a component: its result in place of the call.</summary>
    public Expansion Expand(ComponentSymbol component, ImmutableArray<Argument> arguments, SourceSpan span, string path) =>
        Instantiate(component, arguments, span, path) is { } instance ? Finish(instance) : Expansion.Error;

    /// <summary>A component whose parameters have values, and whose `let`s and result are still to be evaluated; null after an
    /// error.</summary>
    Instance? Instantiate(ComponentSymbol component, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        if (symbols.Broken.Contains(component))
            return null;
        if (frames.Count >= FrameLimit)
        {
            diagnostics.TooLarge(Place(span), "components within each other", FrameLimit, Inside(span));
            return null;
        }
        if (frames.Any(f => f.Component == component))
        {
            var cycle = frames.Reverse().Select(f => f.Component.Name).SkipWhile(n => n != component.Name).Append(component.Name);
            diagnostics.RecursiveComponent(Place(span), cycle, Inside(span));
            return null;
        }
        var parameters = component.Syntax.Parameters;
        if (
            Match(component.Name, component.Signature, [.. parameters.Select(p => p.Name.Text)], arguments, span) is not { } given
        )
            return null;
        if (parameters.FirstOrDefault(p => p.Default is null && !given.ContainsKey(p.Name.Text)) is { } missing)
        {
            ReportMissing(component.Name, missing.Name.Text, component.Signature, span);
            return null;
        }
        if (given.Values.Any(a => a.Value is ErrorValue))
            return null;

        builder.Components.TryAdd(path, component.Name);
        if (frames.Count == 0)
            outermost = span;
        frames.Push((component, span));
        var scope = new Scope(component.IsStandard ? StandardGlobals : Globals);
        foreach (var parameter in parameters)
        {
            if (given.TryGetValue(parameter.Name.Text, out var argument))
                scope.Define(
                    parameter.Name.Text,
                    argument.Value,
                    argument.Origin ?? Written(argument, parameter.Name.Text, component.Name)
                );
            else
                scope.Define(parameter.Name.Text, Evaluate(parameter.Default!, scope, path));
        }
        foreach (var let in component.Syntax.Lets)
            scope.DefineLazily(let.Name, let.Value, scope, path.Length == 0 ? let.Name.Text : $"{path}.{let.Name.Text}");
        frames.Pop();
        return new(component, span, scope, path);
    }

    Expansion Finish(Instance instance)
    {
        Enter(instance);
        // A component that is one call forwards its names: resnet34 is resnet.
        var (syntax, scope, path) = (instance.Component.Syntax, instance.Scope, instance.Path);
        var result =
            syntax.Lets.IsEmpty && syntax.Result is CallSyntax inner
                ? Call(inner, null, scope, path)
                : new(Evaluate(syntax.Result, scope, path), scope);
        frames.Pop();
        return result;
    }

    void Enter(Instance instance)
    {
        if (frames.Count == 0)
            outermost = instance.Span;
        frames.Push((instance.Component, instance.Span));
    }

    /// <summary>A component's parameters and `let`s.</summary>
    /// <param name="Span">The call.</param>
    internal sealed record Instance(ComponentSymbol Component, SourceSpan Span, Scope Scope, string Path);

    static Origin? Written(Argument argument, string parameter, string callee) =>
        argument.Written is { } written ? new(written, $"'{parameter}' of {callee}") : null;

    static readonly Scope StandardGlobals = MakeStandardGlobals();

    Value Apply(Primitive primitive, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        var signature = primitive.Declared;
        if (primitive.IsVariadic)
        {
            if (Flatten(arguments, primitive.Name) is not { } operands)
                return ErrorValue.Instance;
            if (operands.Length == 0)
            {
                ReportMissing(primitive.Name, "features", signature, span);
                return ErrorValue.Instance;
            }
            return Apply((Op)primitive.Signature.Create(new Dictionary<string, object?>()), operands, primitive.Name, span, path);
        }
        if (Match(primitive.Name, signature, primitive.ParameterNames, arguments, span) is not { } given)
            return ErrorValue.Instance;
        var inputs = ImmutableArray.CreateBuilder<(Node, SourceSpan)>();
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        var complete = true;
        foreach (var name in primitive.Operands)
        {
            if (!given.TryGetValue(name, out var argument))
                ReportMissing(primitive.Name, name, signature, span);
            else if (Features(argument.Value, argument.Span, $"'{name}' of {primitive.Name}", argument.Origin) is { } node)
                inputs.Add((node, argument.Span));
            complete &= inputs.Count > 0 && given.ContainsKey(name);
        }
        foreach (var parameter in primitive.Signature.Parameters)
        {
            if (given.TryGetValue(parameter.Name, out var argument))
                complete &=
                    (
                        values[parameter.Name] = this.Convert(
                            argument.Value,
                            parameter,
                            $"'{parameter.Name}' of {primitive.Name}",
                            argument.Span,
                            argument.Origin
                        )
                    )
                        is not null;
            else if (!parameter.IsOptional)
            {
                ReportMissing(primitive.Name, parameter.Name, signature, span);
                complete = false;
            }
        }
        return complete && inputs.Count == primitive.Operands.Length
            ? Apply((Op)primitive.Signature.Create(values), inputs.ToImmutable(), primitive.Name, span, path)
            : ErrorValue.Instance;
    }

    /// <summary>Applies an operation to features.</summary>
    public Value Apply(
        Op op,
        ImmutableArray<(Node Node, SourceSpan Span)> operands,
        string operation,
        SourceSpan span,
        string path
    )
    {
        var errors = new ShapeErrors(diagnostics, operation, Place(span), operands, () => Inside(span), Declared);
        return builder.Add(op, [.. operands.Select(o => o.Node)], path, span, errors) is { } node
            ? new FeatureValue(node)
            : ErrorValue.Instance;
    }

    /// <summary>Where the user declared the statement that a node of a library component belongs to.</summary>
    (string Kind, SourceSpan Span)? Declared(Node node) =>
        node.Origin is { } origin
        && !IsUserText(origin)
        && node.Declaration != builder.Declaration
        && symbols.Model?.Statements.GetValueOrDefault(node.Declaration) is { } statement
            ? (statement.Kind, statement.Name.Span)
            : null;

    ImmutableArray<(Node, SourceSpan)>? Flatten(ImmutableArray<Argument> arguments, string callee)
    {
        var operands = ImmutableArray.CreateBuilder<(Node, SourceSpan)>();
        foreach (var argument in arguments)
        {
            if (argument.Name is not null)
            {
                diagnostics.NoSetting(
                    Place(argument.NameSpan ?? argument.Span),
                    argument.Name,
                    callee,
                    [],
                    Inside(argument.Span)
                );
                return null;
            }
            foreach (var item in argument.Value is ListValue list ? list.Items : [argument.Value])
            {
                if (Features(item, argument.Span, $"an operand of {callee}", argument.Origin) is not { } node)
                    return null;
                operands.Add((node, argument.Span));
            }
        }
        return operands.ToImmutable();
    }

    /// <summary>Arguments by the parameters' names: those without a name in order, then the named ones.</summary>
    public Dictionary<string, Argument>? Match(
        string callee,
        string signature,
        ImmutableArray<string> parameters,
        ImmutableArray<Argument> arguments,
        SourceSpan span
    )
    {
        var given = new Dictionary<string, Argument>(StringComparer.Ordinal);
        var position = 0;
        var fits = true;
        foreach (var argument in arguments)
        {
            var name = argument.Name ?? (position < parameters.Length ? parameters[position++] : null);
            if (name is null)
            {
                diagnostics.TooManyArguments(Place(argument.Span), callee, parameters.Length, signature, Inside(argument.Span));
                return null;
            }
            if (!parameters.Contains(name))
            {
                diagnostics.NoSetting(
                    Place(argument.NameSpan ?? argument.Span),
                    name,
                    callee,
                    [.. parameters],
                    Inside(argument.Span)
                );
                fits = false;
            }
            else if (!given.TryAdd(name, argument))
            {
                diagnostics.GivenTwice(Place(argument.NameSpan ?? argument.Span), $"'{name}' of {callee}", given[name].Span);
                fits = false;
            }
        }
        return fits ? given : null;
    }

    public void ReportMissing(string callee, string name, string signature, SourceSpan span) =>
        diagnostics.MissingArgument(Place(span), callee, name, signature, Inside(span));

    static Scope MakeStandardGlobals()
    {
        var globals = new Scope();
        globals.Define("none", NoneValue.Instance);
        return globals;
    }
}
