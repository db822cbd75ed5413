using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>The `loss` statement: numbers times losses, added up, with a balancing scheme around them at most.</summary>
sealed class ObjectiveLowering
{
    readonly ModelSymbol model;
    readonly IReadOnlyDictionary<string, ModelTask> tasks;
    readonly IReadOnlyList<Prediction> predictions;
    readonly Scope scope;
    readonly Evaluator evaluator;

    ObjectiveLowering(
        ModelSymbol model,
        IReadOnlyDictionary<string, ModelTask> tasks,
        IReadOnlyList<Prediction> predictions,
        Scope scope,
        Evaluator evaluator
    ) => (this.model, this.tasks, this.predictions, this.scope, this.evaluator) = (model, tasks, predictions, scope, evaluator);

    DiagnosticBag Diagnostics => evaluator.Diagnostics;

    static IEnumerable<string> Words => Loss.All.Select(l => l.Word);

    public static Objective? Lower(
        ModelSymbol model,
        IReadOnlyDictionary<string, ModelTask> tasks,
        IReadOnlyList<Prediction> predictions,
        IReadOnlyDictionary<string, StatementSymbol> finals,
        Scope scope,
        Evaluator evaluator
    )
    {
        if (model.Loss is not { } loss)
            return null;
        var lowering = new ObjectiveLowering(model, tasks, predictions, scope, evaluator);
        var objective = lowering.Lower(loss.Value, outermost: true);
        if (objective is not null)
            lowering.CheckComplete(objective, loss);
        return objective;
    }

    Objective? Lower(ExpressionSyntax expression, bool outermost)
    {
        switch (expression)
        {
            case ParenthesizedSyntax parenthesized:
                return Lower(parenthesized.Inner, outermost);
            case BinarySyntax { Operator: BinaryOperator.Add } sum:
                var (first, second) = (Lower(sum.Left, false), Lower(sum.Right, false));
                if (first is null || second is null)
                    return null;
                return new Objective.Sum([.. first is Objective.Sum inner ? inner.Parts : [first], second]);
            case BinarySyntax { Operator: BinaryOperator.Multiply } product:
                return Product(product);
            case BinarySyntax { Operator: BinaryOperator.Divide } quotient:
                return Scale(
                    Number(quotient.Right, "the divisor of a loss"),
                    Lower(quotient.Left, false),
                    quotient.Right,
                    invert: true
                );
            case CallSyntax call when Loss.Find(call.Name.Text) is { } loss:
                return Term(call, loss);
            case CallSyntax call when BalancingScheme.Find(call.Name.Text) is { } scheme:
                return Balanced(call, scheme, outermost);
            case CallSyntax call:
                Diagnostics.UnknownLoss(
                    call.Name.Span,
                    call.Name.Text,
                    Words.Concat(BalancingScheme.All.Select(s => s.Word)).Order(StringComparer.Ordinal)
                );
                return null;
            case ErrorExpressionSyntax:
                return null;
            case BinarySyntax { Operator: BinaryOperator.Subtract } difference:
                Diagnostics.BadLoss(difference.OperatorSpan, "losses are added, not subtracted", "write '+'");
                return null;
            case UnarySyntax unary:
                Diagnostics.BadLoss(unary.Span, "a loss cannot be negated", "at least 0", "maximising a loss trains nothing");
                return null;
            default:
                Diagnostics.BadLoss(
                    expression.Span,
                    "a loss is expected here",
                    "no loss",
                    "losses are " + string.Join(", ", Words.Order(StringComparer.Ordinal)) + " of a task"
                );
                return null;
        }
    }

    Objective? Product(BinarySyntax product)
    {
        var (left, right) = (HasLoss(product.Left), HasLoss(product.Right));
        if (left && right)
        {
            Diagnostics.BadLoss(
                product.Span,
                "losses cannot be multiplied with each other",
                "loss * loss",
                "use geometric(...) for their geometric mean"
            );
            return null;
        }
        // Where neither holds a loss, the one that calls something was meant to.
        right |= !left && Calls(product.Right);
        var (number, loss) =
            right || (!left && !Calls(product.Left)) ? (product.Left, product.Right) : (product.Right, product.Left);
        return Scale(Number(number, "the weight of a loss"), Lower(loss, false), number, invert: false);
    }

    Objective? Scale(double? weight, Objective? inner, ExpressionSyntax place, bool invert)
    {
        if (weight is not { } number || inner is null)
            return null;
        if (invert && number == 0)
        {
            Diagnostics.BadLoss(place.Span, "a loss cannot be divided by 0", "not 0");
            return null;
        }
        var factor = invert ? 1 / number : number;
        if (!double.IsFinite(factor) || factor < 0)
        {
            Diagnostics.BadLoss(
                place.Span,
                FormattableString.Invariant($"a loss cannot have the weight {factor}"),
                "at least 0 and finite"
            );
            return null;
        }
        if (factor == 0)
            Diagnostics.WeightZero(place.Span);
        return new Objective.Scaled(factor, inner);
    }

    double? Number(ExpressionSyntax expression, string what)
    {
        var value = evaluator.Evaluate(expression, scope, "");
        if (value is NumberValue number)
            return number.Number;
        evaluator.WrongKind(expression.Span, what, "a number", value);
        return null;
    }

    Objective.Term? Term(CallSyntax call, Loss loss)
    {
        if (call.Arguments is not [{ Name: null, Value: ReferenceSyntax { Name: var name } }])
        {
            Diagnostics.BadLoss(
                call.Span,
                $"{call.Name.Text} takes one task, or one decoder",
                null,
                $"write {call.Name.Text}(TASK)"
            );
            return null;
        }
        var isTask = model.Tasks.ContainsKey(name.Text);
        var of = predictions.Where(p => isTask ? p.Task == name.Text : p.Decoder.Name.Text == name.Text).ToList();
        if (!isTask && !model.Decoders.Any(d => d.Statement.Name.Text == name.Text))
        {
            Diagnostics.NoTask(
                name.Span,
                name.Text,
                model.Name,
                model.Tasks.Keys.Concat(model.Decoders.Select(d => d.Statement.Name.Text))
            );
            return null;
        }
        // Of a decoder that predicts several tasks, the loss means the one that it fits.
        var fitting = of.Where(p => tasks[p.Task].Kind.Target == loss.Fits).ToList();
        var named =
            isTask ? tasks.GetValueOrDefault(name.Text)
            : of.Count > 0 ? tasks[of[0].Task]
            : null;
        if (fitting.Count == 0)
        {
            if (named is not null && named.Kind.Target != loss.Fits)
                Diagnostics.LossDoesNotFit(
                    call.Span,
                    call.Name.Text,
                    name.Text,
                    named.Kind.Word,
                    string.Join(" or ", named.Kind.Losses.Select(l => l.Word))
                );
            return null;
        }
        if (fitting.Select(p => p.Task).Distinct().Count() > 1)
        {
            Diagnostics.BadLoss(
                name.Span,
                $"{call.Name.Text} fits several tasks of '{name.Text}'",
                "which one?",
                "name the task"
            );
            return null;
        }
        if (fitting.Find(p => !IsTrained(p.Value)) is { } constant)
        {
            Diagnostics.LossTrainsNothing(
                call.Span,
                constant.Task,
                model.Refines.Find(r => r.Task == constant.Task)?.Syntax.Component.Span
            );
            return null;
        }
        return new(loss, fitting[0].Task, [.. fitting.Select(p => p.Name)]);
    }

    Objective? Balanced(CallSyntax call, BalancingScheme scheme, bool outermost)
    {
        var settings = scheme.Settings.ToImmutableDictionary(s => s.Name, s => s.Default);
        if (!outermost)
        {
            Diagnostics.BalancingInside(call.Span, call.Name.Text);
            return null;
        }
        var parts = ImmutableArray.CreateBuilder<Objective>();
        var complete = true;
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is null)
            {
                if (Lower(argument.Value, false) is { } part)
                    parts.Add(part);
                else
                    complete = false;
            }
            else if (!settings.ContainsKey(argument.Name.Text))
            {
                Diagnostics.NoSetting(argument.Name.Span, argument.Name.Text, call.Name.Text, [.. settings.Keys]);
                complete = false;
            }
            else if (Number(argument.Value, $"'{argument.Name.Text}' of {call.Name.Text}") is { } number)
            {
                settings = settings.SetItem(argument.Name.Text, number);
                if (number <= 0)
                    Diagnostics.OutOfBounds(
                        argument.Value.Span,
                        $"'{argument.Name.Text}' of {call.Name.Text}",
                        "above 0",
                        number
                    );
            }
        }
        if (complete && parts.Count < 2)
        {
            Diagnostics.BadLoss(
                call.Span,
                $"{call.Name.Text} balances losses: two at least",
                null,
                $"write {call.Name.Text}(LOSS, LOSS)"
            );
            return null;
        }
        return complete ? new Objective.Balanced(scheme, parts.ToImmutable(), settings) : null;
    }

    /// <summary>Every task is trained by some term.</summary>
    void CheckComplete(Objective objective, LossSyntax loss)
    {
        var trained = objective.Terms.Select(t => t.Task).ToHashSet(StringComparer.Ordinal);
        foreach (var task in tasks.Values.Where(t => !trained.Contains(t.Name) && predictions.Any(p => p.Task == t.Name)))
            Diagnostics.TaskWithoutLoss(
                model.Tasks[task.Name].Syntax.Name.Span,
                task.Name,
                $"{task.Kind.Losses.First().Word}({task.Name})"
            );
    }

    /// <summary>Whether a gradient at the node reaches a parameter: not through edges, a factor 0, or what only lends its
    /// resolution.</summary>
    static bool IsTrained(Node node)
    {
        var seen = new HashSet<Node> { node };
        var open = new Stack<Node>(seen);
        while (open.TryPop(out var next))
        {
            if (next.Parameters.Any(p => p.IsTrainable))
                return true;
            var inputs = next.Op switch
            {
                Ops.Canny or Ops.Affine { Multiplier: 0 } => [],
                Ops.ResizeLike => next.Inputs[..1],
                _ => next.Inputs,
            };
            foreach (var input in inputs.Where(seen.Add))
                open.Push(input);
        }
        return false;
    }

    bool Calls(ExpressionSyntax expression) => Names(expression).Any(u => u.Role == NameRole.Callee);

    bool HasLoss(ExpressionSyntax expression) =>
        Names(expression)
            .Any(u =>
                u.Definition?.Kind != DefinitionKind.Variable
                && (Loss.Find(u.Name.Text) is not null || BalancingScheme.Find(u.Name.Text) is not null)
            );

    IEnumerable<NameUse> Names(ExpressionSyntax expression) =>
        evaluator.Names.Uses(expression, evaluator.Names.Model).Where(u => u.Role is NameRole.Value or NameRole.Callee);
}
