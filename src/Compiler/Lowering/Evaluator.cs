using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// Evaluates expressions while compiling: numbers, lists and conditionals vanish, components are expanded, and what remains are
/// the nodes of the graph. This file: names and lists. Operators, calls and chains have files of their own. </summary>
public sealed partial class Evaluator(ProgramSymbols symbols, GraphBuilder builder, DiagnosticBag diagnostics)
{
    const int StepLimit = 1_000_000;
    const int NotedValues = 16;

    readonly Stack<(ComponentSymbol Component, SourceSpan Call)> frames = new();
    readonly List<(string Name, SourceSpan Read)> forced = [];
    readonly HashSet<(string Code, SourceSpan Place)> blamed = [];
    readonly Dictionary<NameSyntax, ImmutableArray<Value>> values = new(ReferenceEqualityComparer.Instance);
    SourceSpan outermost;
    bool isTooDeep;
    int steps;

    public DiagnosticBag Diagnostics => diagnostics;

    public GraphBuilder Builder => builder;

    /// <summary>Shares in which there is a mistake, which is said once.</summary>
    public HashSet<string> BrokenShares { get; } = new(StringComparer.Ordinal);

    /// <summary>What statements and the users' `let`s were found to be, by the names that declare them.</summary>
    public IReadOnlyDictionary<NameSyntax, ImmutableArray<Value>> Values => values;

    public NameRules Names => symbols.Names;

    /// <summary>The files' `let`s, `none`, and nothing of the model.</summary>
    public Scope Globals => field ??= MakeGlobals();

    public Value Evaluate(ExpressionSyntax expression, Scope scope, string path)
    {
        if (HasGivenUp)
            return ErrorValue.Instance;
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            isTooDeep = true;
            diagnostics.TooDeep(Place(expression.Span), Inside(expression.Span));
            return ErrorValue.Instance;
        }
        if (!Step(expression.Span))
            return ErrorValue.Instance;
        return expression switch
        {
            NumberSyntax number => new NumberValue(number.Value),
            SizeSyntax size => new SizeValue(new(size.Height, size.Width)),
            FactorSyntax factor => new FactorValue(factor.Value),
            UntilSyntax until => new UntilValue(until),
            ExceptSyntax except => new ExceptValue(except),
            StringSyntax text => new StringValue(text.Value, text.Span.Source.Folder),
            BooleanSyntax boolean => new BooleanValue(boolean.Value),
            ReferenceSyntax reference => Reference(reference.Name, scope),
            CallSyntax call => Call(call, null, scope, path).Value,
            ListSyntax list => new ListValue([.. list.Items.Select((item, i) => Evaluate(item, scope, Below(path, i)))]),
            ComprehensionSyntax comprehension => Comprehension(comprehension, scope, path),
            PipeSyntax pipe => Drained(outcome => Pipe(pipe, scope, path, outcome)),
            UnarySyntax unary => Unary(unary, scope, path),
            BinarySyntax binary => Binary(binary, scope, path),
            ConditionalSyntax conditional => Branch(conditional, scope, path) is { } branch
                ? Evaluate(branch, scope, path)
                : ErrorValue.Instance,
            IndexSyntax index => Index(index, scope, path),
            MemberSyntax member => Member(member, scope, path),
            PartSyntax part => Part(part, scope, path),
            ParenthesizedSyntax parenthesized => Evaluate(parenthesized.Inner, scope, path),
            ConfiguredSyntax configured => Configured(configured),
            _ => ErrorValue.Instance,
        };
    }

    /// <summary>Whether a limit was passed, which is reported: what follows from it is not.</summary>
    bool HasGivenUp => builder.IsFull || isTooDeep || steps > StepLimit;

    /// <summary>Counts one step; false once there are too many.</summary>
    bool Step(SourceSpan span)
    {
        if (++steps == StepLimit + 1)
            diagnostics.TooLarge(Place(span), "steps of evaluation", StepLimit, Inside(span));
        return steps <= StepLimit;
    }

    /// <summary>The value as features, or null after having said why it is none.</summary>
    public Node? Features(Value value, SourceSpan span, string what, Origin? origin = null)
    {
        if (value.Features is { } node)
            return node;
        WrongKind(span, what, "features", value, origin);
        return null;
    }

    /// <summary>The value of a name that may still have to be evaluated.</summary>
    public Value Force(Slot slot, SourceSpan span)
    {
        if (slot.Value is { } value)
            return value;
        if (slot.IsBusy)
        {
            var cycle = forced.SkipWhile(f => f.Name != slot.Name!.Text).ToList();
            var steps = cycle
                .Zip(cycle.Skip(1))
                .Select(step => new DiagnosticNote($"'{step.First.Name}' reads '{step.Second.Name}'", step.Second.Read));
            diagnostics.Cycle(
                Place(span),
                [.. cycle.Select(f => f.Name), slot.Name!.Text],
                frames.Count == 0 ? steps : Inside(span)
            );
            return ErrorValue.Instance;
        }
        if (slot.Progress is { } progress)
            return progress.Finish(span);
        slot.IsBusy = true;
        forced.Add((slot.Name!.Text, span));
        slot.Value = Evaluate(slot.Expression!, slot.Scope!, slot.Path);
        forced.RemoveAt(forced.Count - 1);
        slot.IsBusy = false;
        Note(slot.Name, slot.Value);
        return slot.Value;
    }

    /// <summary>Notes what a name stands for, for who asks the compilation; of what is expanded again and again, the first
    /// values.</summary>
    public void Note(NameSyntax name, Value value)
    {
        if (value is ErrorValue || !IsUserText(name.Span))
            return;
        var known = values.GetValueOrDefault(name, []);
        if (known.Length < NotedValues)
            values[name] = known.Add(value);
    }

    /// <summary>The component or primitive of that name, whatever else is called so.</summary>
    public ComponentValue? Component(string name) =>
        symbols.Components.TryGetValue(name, out var component) ? new(component, null)
        : Primitive.All.TryGetValue(name, out var primitive) ? new(null, primitive)
        : null;

    /// <summary>Every component and primitive.</summary>
    public IEnumerable<string> ComponentNames => symbols.Components.Keys.Concat(Primitive.All.Keys);

    Value Reference(NameSyntax name, Scope scope)
    {
        if (scope.Find(name.Text) is { } slot)
            return Force(slot, name.Span);
        if (Component(name.Text) is { } component)
            return component;
        visible[name] = scope;
        return new WordValue(name);
    }

    Value Comprehension(ComprehensionSyntax comprehension, Scope scope, string path)
    {
        if (Items(comprehension.Items, scope, path, "what `for` goes through") is not { } items)
            return ErrorValue.Instance;
        var made = ImmutableArray.CreateBuilder<Value>();
        var origin = OriginOf(comprehension.Items, scope);
        foreach (var item in items)
        {
            var inner = new Scope(scope);
            inner.Define(comprehension.Variable.Text, item, origin?.Item(made.Count));
            made.Add(Evaluate(comprehension.Element, inner, Below(path, made.Count)));
        }
        return new ListValue(made.ToImmutable());
    }

    /// <summary>What is evaluated of a conditional; null after having said that the condition is none.</summary>
    ExpressionSyntax? Branch(ConditionalSyntax conditional, Scope scope, string path)
    {
        var condition = Evaluate(conditional.Condition, scope, path);
        if (condition is BooleanValue boolean)
            return boolean.Value ? conditional.Then : conditional.Else;
        WrongKind(
            conditional.Condition.Span,
            "the condition of `if`",
            "true or false",
            condition,
            OriginOf(conditional.Condition, scope)
        );
        return null;
    }

    Value Member(MemberSyntax member, Scope scope, string path)
    {
        var target = Evaluate(member.Target, scope, path);
        if (target is EncoderValue encoder)
            return EncoderFeatures.Named(encoder, member.Member, diagnostics);
        WrongKind(member.Target.Span, $"what has '.{member.Member.Text}'", "an encoder", target);
        return ErrorValue.Instance;
    }

    Value Configured(ConfiguredSyntax configured)
    {
        diagnostics.Add(
            new(
                "MTL2006",
                Severity.Error,
                "settings in braces do not belong here",
                Place(configured.Settings.Span),
                "expected a value",
                [.. Inside(configured.Settings.Span)]
            )
        );
        return ErrorValue.Instance;
    }

    /// <summary>The items of a list, or null after having said that it is none.</summary>
    ImmutableArray<Value>? Items(ExpressionSyntax expression, Scope scope, string path, string what)
    {
        var value = Evaluate(expression, scope, path);
        if (value is ListValue list)
            return list.Items;
        WrongKind(expression.Span, what, "a list", value, OriginOf(expression, scope));
        return null;
    }

    static ExpressionSyntax Unparenthesized(ExpressionSyntax expression) =>
        expression is ParenthesizedSyntax parenthesized ? Unparenthesized(parenthesized.Inner) : expression;

    static string Below(string path, int index) => FormattableString.Invariant($"{path}.{index}");

    Scope MakeGlobals()
    {
        var globals = new Scope();
        globals.Define("none", NoneValue.Instance);
        foreach (var let in symbols.Lets.Values)
            globals.DefineLazily(let.Name, let.Value, globals, let.Name.Text);
        return globals;
    }
}
