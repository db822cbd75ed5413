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

    /// <summary>The value of one of its `let`s.</summary>
    public Value Force(Suspended instance, string name, SourceSpan span) =>
        instance.Within(
            this,
            inner =>
            {
                Enter(inner);
                var value = Force(instance.Find(name)!, span);
                frames.Pop();
                return value;
            }
        );

    /// <summary>Its result, and its `let`s.</summary>
    public Expansion Resume(Suspended instance) => instance.Within(this, Finish);
}
