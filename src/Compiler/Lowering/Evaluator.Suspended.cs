using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>Components that are evaluated step by step, from outside.</summary>
public sealed partial class Evaluator
{
    /// <summary>A component whose `let`s are evaluated when somebody asks for them; of a component that is one call, the one that
    /// it calls.</summary>
    public sealed class Suspended
    {
        readonly ImmutableArray<Instance> instances;

        Suspended(ImmutableArray<Instance> instances) => this.instances = instances;

        /// <summary>The `let` of that name; null where there is none.</summary>
        public Slot? Find(string name) =>
            instances[^1].Scope.Own.FirstOrDefault(s => s.Name == name && s.Slot.Expression is not null).Slot;

        /// <summary>The names of all `let`s.</summary>
        public IEnumerable<string> Stages => instances[^1].Component.Syntax.Lets.Select(l => l.Name.Text);

        /// <summary>The last `let` that is written as a pipe.</summary>
        public string? Pipe =>
            instances[^1].Component.Syntax.Lets.LastOrDefault(l => Unparenthesized(l.Value) is PipeSyntax)?.Name.Text;

        internal static Suspended? Of(
            Evaluator evaluator,
            ComponentSymbol component,
            ImmutableArray<Argument> arguments,
            SourceSpan span,
            string path
        )
        {
            var instances = ImmutableArray.CreateBuilder<Instance>();
            var entered = 0;
            for (var next = evaluator.Instantiate(component, arguments, span, path); next is not null; )
            {
                instances.Add(next);
                if (
                    !next.Component.Syntax.Lets.IsEmpty
                    || next.Component.Syntax.Result is not CallSyntax inner
                    || evaluator.Component(inner.Name.Text) is not { Component: { } called }
                    || next.Scope.Find(inner.Name.Text) is not null
                )
                {
                    break;
                }
                evaluator.Enter(next);
                entered++;
                next = evaluator.Instantiate(called, evaluator.Arguments(inner, null, next.Scope, path), inner.Span, path);
                if (next is null)
                    instances.Clear();
            }
            for (; entered > 0; entered--)
                evaluator.frames.Pop();
            return instances.Count == 0 ? null : new(instances.ToImmutable());
        }

        internal T Within<T>(Evaluator evaluator, Func<Instance, T> evaluate)
        {
            foreach (var outer in instances[..^1])
                evaluator.Enter(outer);
            var result = evaluate(instances[^1]);
            foreach (var _ in instances[..^1])
                evaluator.frames.Pop();
            return result;
        }
    }

    /// <summary>Opens a component; null after an error.</summary>
    public Suspended? Suspend(ComponentValue callee, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        if (callee is { Component: { } component, Share: null })
            return Suspended.Of(this, component, arguments, span, path);
        diagnostics.BadExchange(span, $"'{callee.Name}' has no stages", "a component with `let`s is needed");
        return null;
    }

    /// <summary>
    /// Evaluates one of its `let`s, up to a step where it is a loop or pipe. What follows goes on with what
    /// <see cref="Reached.Replace"/> puts there. </summary>
    /// <param name="places">Which step, which one within that; none for all of it. Below 0 from the end.</param>
    public Reached Reach(Suspended instance, string name, ImmutableArray<int> places, SourceSpan span) =>
        instance.Within(
            this,
            inner =>
            {
                Enter(inner);
                var slot = instance.Find(name)!;
                var reached = places.IsEmpty ? Reach(slot, span) : Reach(Aliased(inner.Scope, slot), places, span);
                frames.Pop();
                return reached;
            }
        );

    Reached Reach(Slot slot, SourceSpan span)
    {
        if (slot.Value is not null)
            return new(Reaching.Passed, slot.Value, slot, []);
        var value = Force(slot, span);
        return new(Reaching.Reached, value, slot, [], made => slot.Value = Ending(value, made));
    }

    Reached Reach(Slot slot, ImmutableArray<int> places, SourceSpan span)
    {
        var begun = slot.Value is not null || slot.Progress is not null;
        var progress = slot.Value is null ? slot.Progress ??= new(this, slot) : null;
        while (progress?.Next(span) is { } stop)
        {
            if (stop.IsAt(places))
            {
                var value = stop.Step.Value;
                return new(Reaching.Reached, value, slot, Position(stop.Places), made => stop.Step.Value = Ending(value, made))
                {
                    Places = [.. stop.Places.Select(p => p.Index)],
                };
            }
        }
        var found = slot.Value!;
        var way = ImmutableArray.CreateBuilder<(int Index, int Count)>();
        foreach (var (depth, place) in places.Index())
        {
            if (found is not ChainValue { Steps: var steps })
                return new(found is ListValue ? Reaching.List : Reaching.NoSteps, found) { Depth = depth };
            if (place >= steps.Length || place < -steps.Length)
                return new(Reaching.NoSuchStep, found) { Depth = depth };
            way.Add((place < 0 ? place + steps.Length : place, steps.Length));
            found = steps[way[^1].Index];
        }
        return begun ? new(Reaching.Passed, found, slot, Position(way.ToImmutable())) : new(Reaching.Closed, found);
    }

    // `let features = blocks`: the steps are those of blocks.
    static Slot Aliased(Scope scope, Slot slot)
    {
        while (slot is { Value: null, Progress: null } && Own(scope, slot.Expression!) is { } named && named != slot)
            slot = named;
        return slot;
    }

    // A chain whose last step gives something else gives that.
    static Value Ending(Value value, Value made) =>
        value is ChainValue { Steps: { Length: > 0 } steps }
            ? new ChainValue(made, steps.SetItem(steps.Length - 1, Ending(steps[^1], made)))
            : made;

    /// <summary>What came of going to a step.</summary>
    /// <param name="Value">There; where there is no such step, what was to have it.</param>
    /// <param name="Slot">The `let`.</param>
    /// <param name="Position">The step as one number for each position: the end of a loop is what the loop makes.</param>
    public sealed record Reached(
        Reaching Outcome,
        Value? Value = null,
        Slot? Slot = null,
        ImmutableArray<int> Position = default,
        Action<Value>? Replace = null
    )
    {
        /// <summary>The step by its numbers from the start.</summary>
        public ImmutableArray<int> Places { get; init; } = [];

        /// <summary>Which of the numbers in brackets is wrong.</summary>
        public int Depth { get; init; }
    }

    public enum Reaching
    {
        Reached,

        /// <summary>Something has read it already.</summary>
        Passed,
        NoSteps,
        NoSuchStep,

        /// <summary>Items of a list are made together.</summary>
        List,

        /// <summary>There is such a step, within what cannot be stopped.</summary>
        Closed,
    }

    /// <summary>Its result, and its `let`s.</summary>
    public Expansion Resume(Suspended instance) => instance.Within(this, Finish);
}
