using System.Collections.Frozen;
using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ops;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>The functions that are decided while compiling: `range`, `length`, `channels`, `reverse`, `per`, `split`.</summary>
public static class Builtins
{
    const int RangeLimit = 10_000;

    public delegate Value Function(Evaluator evaluator, ImmutableArray<Argument> arguments, SourceSpan span, string path);

    public static readonly FrozenDictionary<string, Function> All = new Dictionary<string, Function>
    {
        ["range"] = Range,
        ["length"] = Length,
        ["channels"] = Channels,
        ["reverse"] = Reverse,
        ["per"] = Per,
        ["split"] = Split,
    }.ToFrozenDictionary();

    /// <summary>range(n): 0, 1, ... n - 1; range(a, b): a, ... b - 1.</summary>
    static Value Range(Evaluator e, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        if (Arguments(e, "range", 1, arguments, span) is not { } given)
            return ErrorValue.Instance;
        if (given.Any(g => g.Value is not NumberValue { IsInteger: true }))
        {
            var wrong = given.First(g => g.Value is not NumberValue { IsInteger: true });
            e.WrongKind(wrong.Span, "an argument of range", "a whole number", wrong.Value, wrong.Origin);
            return ErrorValue.Instance;
        }
        var numbers = given.Select(g => ((NumberValue)g.Value).Number).ToList();
        var (start, end) = numbers.Count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1]);
        var last = given[^1];
        if (end - start > RangeLimit)
        {
            e.Diagnostics.TooLarge(last.Origin?.Span ?? e.Place(span), "items of a range", RangeLimit, e.Inside(span));
            return ErrorValue.Instance;
        }
        if (end < start)
        {
            e.OutOfBounds(last.Span, "the end of a range", FormattableString.Invariant($"at least {start}"), end, last.Origin);
            return ErrorValue.Instance;
        }
        return new ListValue([
            .. Enumerable.Range(0, Math.Max(0, (int)(end - start))).Select(i => (Value)new NumberValue(start + i)),
        ]);
    }

    /// <summary>How many items a list has.</summary>
    static Value Length(Evaluator e, ImmutableArray<Argument> arguments, SourceSpan span, string path) =>
        Arguments(e, "length", 1, arguments, span) is [var argument] && List(e, argument, "the argument of length") is { } items
            ? new NumberValue(items.Length)
            : ErrorValue.Instance;

    /// <summary>How many channels features have.</summary>
    static Value Channels(Evaluator e, ImmutableArray<Argument> arguments, SourceSpan span, string path) =>
        Arguments(e, "channels", 1, arguments, span) is [var argument]
        && e.Features(argument.Value, argument.Span, "the argument of channels", argument.Origin) is { } node
            ? new NumberValue(node.Shape.Channels)
            : ErrorValue.Instance;

    static Value Reverse(Evaluator e, ImmutableArray<Argument> arguments, SourceSpan span, string path) =>
        Arguments(e, "reverse", 1, arguments, span) is [var argument] && List(e, argument, "the argument of reverse") is { } items
            ? new ListValue([.. items.Reverse()])
            : ErrorValue.Instance;

    /// <summary>per(v, i): item i of a list, or v itself when it is no list.</summary>
    static Value Per(Evaluator e, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        if (Arguments(e, "per", 2, arguments, span) is not [var value, var index])
            return ErrorValue.Instance;
        if (value.Value is not ListValue list)
            return value.Value;
        if (index.Value is NumberValue { IsInteger: true } number)
        {
            if (number.Number >= 0 && number.Number < list.Items.Length)
                return list.Items[(int)number.Number];
            e.ReportIndex(span, number.Number, list.Items.Length, value.Origin);
        }
        else
        {
            e.WrongKind(index.Span, "the index of per", "a whole number", index.Value, index.Origin);
        }
        return ErrorValue.Instance;
    }

    /// <summary>split(x, n): n equal parts of the channels; split(x, [a, b, ...]): parts of those sizes.</summary>
    static Value Split(Evaluator e, ImmutableArray<Argument> arguments, SourceSpan span, string path)
    {
        if (
            Arguments(e, "split", 2, arguments, span) is not [var x, var parts]
            || e.Features(x.Value, x.Span, "'x' of split", x.Origin) is not { } node
        )
        {
            return ErrorValue.Instance;
        }
        var channels = node.Shape.Channels;
        var sizes = parts.Value switch
        {
            NumberValue { IsInteger: true, Number: >= 1 and <= 65_536 } n when channels % n.Number == 0 => Enumerable
                .Repeat(channels / (int)n.Number, (int)n.Number)
                .ToList(),
            ListValue list when list.Items.All(i => i is NumberValue { IsInteger: true, Number: >= 1 and <= 65_536 }) => list
                .Items.Select(i => (int)((NumberValue)i).Number)
                .ToList(),
            _ => null,
        };
        if (sizes is null || sizes.Sum(s => (long)s) != channels)
        {
            e.WrongKind(
                parts.Span,
                "'parts' of split",
                $"a number that divides {channels}, or sizes that add up to it",
                parts.Value,
                parts.Origin
            );
            return ErrorValue.Instance;
        }
        var start = 0;
        var made = ImmutableArray.CreateBuilder<Value>();
        foreach (var size in sizes)
        {
            made.Add(
                e.Apply(
                    new Slice(start, size),
                    [(node, x.Span)],
                    "split",
                    span,
                    FormattableString.Invariant($"{path}.{made.Count}")
                )
            );
            start += size;
        }
        return new ListValue(made.ToImmutable());
    }

    static ImmutableArray<Value>? List(Evaluator e, Argument argument, string what)
    {
        if (argument.Value is ListValue list)
            return list.Items;
        if (argument.Value is ChainValue chain)
            return chain.Steps;
        e.WrongKind(argument.Span, what, "a list", argument.Value, argument.Origin);
        return null;
    }

    static ImmutableArray<Argument>? Arguments(
        Evaluator e,
        string callee,
        int required,
        ImmutableArray<Argument> arguments,
        SourceSpan span
    )
    {
        ImmutableArray<string> names = [.. BuiltinNames.Parameters[callee]];
        var signature = $"{callee}({string.Join(", ", names)})";
        if (e.Match(callee, signature, names, arguments, span) is not { } given)
            return null;
        foreach (var name in names.Take(required))
        {
            if (!given.ContainsKey(name))
            {
                e.ReportMissing(callee, name, signature, span);
                return null;
            }
        }
        return given.Values.Any(v => v.Value is ErrorValue) ? null : [.. names.Where(given.ContainsKey).Select(n => given[n])];
    }
}
