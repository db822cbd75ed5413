using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>
/// Loops and pipes, step by step: who goes through the stops of one may put another value in a step's place, and what follows
/// goes on with that. </summary>
public sealed partial class Evaluator
{
    /// <summary>What an evaluation comes to; an error until it is at its end.</summary>
    internal sealed class Outcome
    {
        public Value Value { get; set; } = ErrorValue.Instance;
    }

    /// <summary>A step that has its value, before anything reads it.</summary>
    /// <param name="Places">Which step, then which one within that, each of how many.</param>
    internal sealed record Stop(ImmutableArray<(int Index, int Count)> Places, Outcome Step)
    {
        public Stop(int index, int count, Outcome step)
            : this([(index, count)], step) { }

        public Stop Within(int index, int count) => this with { Places = Places.Insert(0, (index, count)) };

        /// <param name="places">Below 0 from the end.</param>
        public bool IsAt(ImmutableArray<int> places) =>
            places.Length == Places.Length
            && places.Zip(Places).All(p => p.First == p.Second.Index - (p.First < 0 ? p.Second.Count : 0));
    }

    /// <summary>The step that one is the end of: the last step of a loop is what the loop makes.</summary>
    static ImmutableArray<int> Position(ImmutableArray<(int Index, int Count)> places)
    {
        var length = places.Length;
        while (length > 0 && places[length - 1] is var (index, count) && index == count - 1)
            length--;
        return [.. places.Take(length).Select(p => p.Index)];
    }

    static Value Drained(Func<Outcome, IEnumerable<Stop>> evaluate)
    {
        var outcome = new Outcome();
        foreach (var _ in evaluate(outcome)) { }
        return outcome.Value;
    }

    /// <summary>Evaluates an expression with a stop at each step of the loop or pipe that it comes to, if it does.</summary>
    IEnumerable<Stop> Stops(ExpressionSyntax expression, Scope scope, string path, Outcome outcome)
    {
        if (expression is not (PipeSyntax or CallSyntax or ConditionalSyntax or ParenthesizedSyntax))
        {
            outcome.Value = Evaluate(expression, scope, path);
            return [];
        }
        if (HasGivenUp || !Step(expression.Span))
            return [];
        return expression switch
        {
            PipeSyntax pipe => Pipe(pipe, scope, path, outcome),
            CallSyntax call => Called(call, null, scope, path, outcome),
            ConditionalSyntax conditional => Branch(conditional, scope, path) is { } branch
                ? Stops(branch, scope, path, outcome)
                : [],
            ParenthesizedSyntax parenthesized => Stops(parenthesized.Inner, scope, path, outcome),
            _ => [],
        };
    }

    /// <summary>A pipe of two or more calls numbers them as nn.Sequential does; a single call adds nothing.</summary>
    IEnumerable<Stop> Pipe(PipeSyntax pipe, Scope scope, string path, Outcome outcome)
    {
        var headIsCall = Unparenthesized(pipe.Input) is CallSyntax;
        var count = pipe.Stages.Length + (headIsCall ? 1 : 0);
        var numbered = count > 1;
        var steps = ImmutableArray.CreateBuilder<Value>();
        Value value;
        if (headIsCall)
        {
            builder.Step(Below(path, 0));
            var head = new Outcome();
            foreach (var stop in Stops(pipe.Input, scope, Below(path, 0), head))
                yield return stop.Within(0, count);
            yield return new(0, count, head);
            steps.Add(value = head.Value);
        }
        else
            value = Evaluate(pipe.Input, scope, path);
        var span = pipe.Input.Span;
        foreach (var stage in pipe.Stages)
        {
            var number = steps.Count;
            if (numbered)
                builder.Step(Below(path, number));
            var step = new Outcome();
            foreach (var stop in Stage(stage, value, span, scope, numbered ? Below(path, number) : path, step))
                yield return numbered ? stop.Within(number, count) : stop;
            if (numbered)
                yield return new(number, count, step);
            steps.Add(value = step.Value);
            span = pipe.Input.Span.To(stage.Span);
        }
        outcome.Value =
            !numbered || value is ErrorValue
                ? value
                : new ChainValue(value is ChainValue chain ? chain.Last : value, steps.ToImmutable());
    }

    IEnumerable<Stop> Stage(StageSyntax stage, Value input, SourceSpan inputSpan, Scope scope, string path, Outcome outcome) =>
        input is ErrorValue ? []
        : stage is CallStageSyntax call ? Called(call.Call, (input, inputSpan), scope, path, outcome)
        : Loop((LoopStageSyntax)stage, input, inputSpan, scope, path, outcome);

    IEnumerable<Stop> Loop(LoopStageSyntax loop, Value input, SourceSpan inputSpan, Scope scope, string path, Outcome outcome)
    {
        if (Items(loop.Items, scope, path, "what `for` goes through") is not { } items)
            yield break;
        var steps = ImmutableArray.CreateBuilder<Value>();
        var value = input;
        var origin = OriginOf(loop.Items, scope);
        foreach (var item in items)
        {
            var number = steps.Count;
            var inner = new Scope(scope);
            inner.Define(loop.Variable.Text, item, origin?.Item(number));
            builder.Round(Below(path, number));
            var step = new Outcome();
            foreach (var stop in Stage(loop.Body, value, inputSpan, inner, Below(path, number), step))
                yield return stop.Within(number, items.Length);
            yield return new(number, items.Length, step);
            steps.Add(value = step.Value);
        }
        outcome.Value =
            value is ErrorValue ? value : new ChainValue(value is ChainValue chain ? chain.Last : value, steps.ToImmutable());
    }

    /// <summary>A call, with the stops of the component that it expands; what a share makes has none.</summary>
    IEnumerable<Stop> Called(CallSyntax call, (Value Value, SourceSpan Span)? piped, Scope scope, string path, Outcome outcome)
    {
        if (Expanded(call, scope) is not { } component)
        {
            outcome.Value = Call(call, piped, scope, path).Value;
            yield break;
        }
        if (Instantiate(component, Arguments(call, piped, scope, path), call.Span, path) is not { } instance)
            yield break;
        Enter(instance);
        var result = instance.Component.Syntax.Result;
        if (Own(instance.Scope, result) is not { Value: null, IsBusy: false } slot)
        {
            // As Finish has it: a component that is one call is that call.
            var stops =
                instance.Component.Syntax.Lets.IsEmpty && result is CallSyntax inner
                    ? Called(inner, null, instance.Scope, instance.Path, outcome)
                    : Stops(result, instance.Scope, instance.Path, outcome);
            foreach (var stop in stops)
                yield return stop;
        }
        else if (!HasGivenUp && Step(result.Span))
        {
            // `let blocks = x |> ...; return blocks`
            slot.IsBusy = true;
            forced.Add((slot.Name!.Text, result.Span));
            foreach (var stop in Stops(slot.Expression!, slot.Scope!, slot.Path, outcome))
                yield return stop;
            forced.RemoveAt(forced.Count - 1);
            slot.IsBusy = false;
            slot.Value = outcome.Value;
            Note(slot.Name, slot.Value);
        }
        frames.Pop();
    }

    /// <summary>The component that a call stands for; null where it stands for something else, or for nothing.</summary>
    ComponentSymbol? Expanded(CallSyntax call, Scope scope)
    {
        var name = call.Name.Text;
        if (
            scope.Find(name) is { } slot
            && !(symbols.IsComponent(name) && (slot.IsBusy || Force(slot, call.Name.Span) is not ComponentValue))
        )
            return Force(slot, call.Name.Span) is ComponentValue { Share: null, Component: { } component } ? component : null;
        return Builtins.All.ContainsKey(name) ? null : symbols.Components.GetValueOrDefault(name);
    }

    /// <summary>The `let` of a component that an expression is the name of.</summary>
    static Slot? Own(Scope scope, ExpressionSyntax expression) =>
        Unparenthesized(expression) is ReferenceSyntax { Name.Text: var name }
            ? scope.Own.FirstOrDefault(s => s.Name == name && s.Slot.Expression is not null).Slot
            : null;

    /// <summary>A `let` whose evaluation goes from stop to stop.</summary>
    internal sealed class Progress(Evaluator evaluator, Slot slot)
    {
        readonly Outcome outcome = new();
        ImmutableArray<(ComponentSymbol, SourceSpan)> frames = [];
        ImmutableArray<(string, SourceSpan)> forced = [];
        IEnumerator<Stop>? stops;

        /// <summary>The next step; null at the end, when the `let` has its value.</summary>
        public Stop? Next(SourceSpan span)
        {
            var (depth, read) = (evaluator.frames.Count, evaluator.forced.Count);
            slot.IsBusy = true;
            evaluator.forced.Add((slot.Name!.Text, span));
            evaluator.forced.AddRange(forced);
            foreach (var frame in frames)
                evaluator.frames.Push(frame);
            stops ??= evaluator.Stops(slot.Expression!, slot.Scope!, slot.Path, outcome).GetEnumerator();
            var stop = stops.MoveNext() ? stops.Current : null;
            frames = [.. evaluator.frames.Take(evaluator.frames.Count - depth).Reverse()];
            foreach (var _ in frames)
                evaluator.frames.Pop();
            forced = [.. evaluator.forced.Skip(read + 1)];
            evaluator.forced.RemoveRange(read, evaluator.forced.Count - read);
            slot.IsBusy = false;
            if (stop is not null)
                return stop;
            slot.Value = outcome.Value;
            slot.Progress = null;
            evaluator.Note(slot.Name, slot.Value);
            return null;
        }

        public Value Finish(SourceSpan span)
        {
            while (Next(span) is not null) { }
            return slot.Value!;
        }
    }
}
