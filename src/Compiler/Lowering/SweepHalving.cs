using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Dsl.Syntax;

namespace Mtlc.Compiler.Lowering;

/// <summary>`stop: halving(metric, first = 1, factor = 3)` as written.</summary>
/// <param name="Metric">The key of a metric; null for the points' first score.</param>
/// <param name="First">Epochs that every point is trained.</param>
/// <param name="Factor">Of so many points one goes on, for so many times the epochs.</param>
public sealed record SweepHalving(string? Metric, int First, int Factor)
{
    const string Signature = "halving(metric, first = 1, factor = 3)";
    const int MostEpochs = 1_000_000,
        LeastFactor = 2,
        MostFactor = 100;

    static readonly ImmutableArray<string> Names = ["metric", "first", "factor"];

    /// <returns>null after having said what is wrong.</returns>
    public static SweepHalving? Of(SweptSyntax stop, Evaluator evaluator)
    {
        var call = (CallSyntax)stop.Values;
        var arguments = call
            .Arguments.Select(a => new Argument(a.Name?.Text, evaluator.Evaluate(a.Value, evaluator.Globals, ""), a.Span))
            .ToImmutableArray();
        if (evaluator.Match("halving", Signature, Names, arguments, call.Span) is not { } given)
            return null;
        string? metric = null;
        var isRight = true;
        if (given.TryGetValue("metric", out var named))
        {
            metric = named.Value switch
            {
                StringValue text => text.Text,
                WordValue word => word.Name.Text,
                _ => null,
            };
            if (metric is null)
                Wrong("metric", "a metric's key, such as multitask or \"semseg/mean_iou\"", named);
        }
        var (first, factor) = (Whole("first", 1, 1, MostEpochs), Whole("factor", 3, LeastFactor, MostFactor));
        return isRight ? new(metric, first, factor) : null;

        int Whole(string name, int otherwise, int low, int high)
        {
            if (!given.TryGetValue(name, out var found))
                return otherwise;
            if (found.Value is NumberValue { IsInteger: true } number && number.Number >= low && number.Number <= high)
                return (int)number.Number;
            Wrong(name, FormattableString.Invariant($"a whole number from {low} to {high}"), found);
            return otherwise;
        }

        void Wrong(string name, string expected, Argument found)
        {
            isRight = false;
            if (found.Value is NumberValue number)
                evaluator.OutOfBounds(found.Span, $"'{name}' of halving", expected, number.Number);
            else
                evaluator.WrongKind(found.Span, $"'{name}' of halving", expected, found.Value);
        }
    }
}
