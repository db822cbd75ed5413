using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>One value of a swept setting.</summary>
/// <param name="Expression">What `set` gets; its span is where the value stands in the sweep.</param>
/// <param name="Text">The same as text, for `--set` and for tables.</param>
public sealed record SweptValue(ExpressionSyntax Expression, string Text);

/// <summary>The values of one line of a sweep: a list as written, or a list that is computed or drawn.</summary>
public static partial class SweepValues
{
    const int CountLimit = 10_000;

    static readonly ImmutableArray<string> Drawn = ["low", "high", "count", "seed"];

    /// <returns>At least one value, or null after having said why there is none.</returns>
    public static ImmutableArray<SweptValue>? Of(SweptSyntax swept, Evaluator evaluator) =>
        swept.Values switch
        {
            ErrorExpressionSyntax => null,
            ListSyntax { Items.IsEmpty: true } => None(swept, evaluator),
            ListSyntax list => [.. list.Items.Select(i => new SweptValue(i, Relocated(swept, WithoutComments(i.Span.Text))))],
            CallSyntax { Name.Text: "uniform" or "log_uniform" } call => Draw(call, swept, evaluator),
            _ => Computed(swept, evaluator),
        };

    static ImmutableArray<SweptValue>? Computed(SweptSyntax swept, Evaluator evaluator)
    {
        var span = swept.Values.Span;
        switch (evaluator.Evaluate(swept.Values, evaluator.Globals, ""))
        {
            case ErrorValue:
                return null;
            case ListValue { Items.IsEmpty: true }:
                return None(swept, evaluator);
            case ListValue list:
                var made = list.Items.Select(i => Syntax(i, span)).ToList();
                if (made.All(m => m is not null))
                    return [.. made.Select(m => m! with { Text = Relocated(swept, m.Text) })];
                break;
        }
        evaluator.Diagnostics.BadSweep(
            span,
            $"'{swept.Path}' sweeps over a list of values",
            "[a, b, c], range(n), uniform(a, b, count: n) or log_uniform(a, b, count: n)"
        );
        return null;
    }

    static ImmutableArray<SweptValue>? None(SweptSyntax swept, Evaluator evaluator)
    {
        evaluator.Diagnostics.BadSweep(swept.Values.Span, $"'{swept.Path}' has no values to sweep over", "an empty list");
        return null;
    }

    /// <summary>uniform(low, high, count, seed = 0), and the same for the logarithm: rounded to four figures, the same on every
    /// machine.</summary>
    static ImmutableArray<SweptValue>? Draw(CallSyntax call, SweptSyntax swept, Evaluator evaluator)
    {
        var arguments = call
            .Arguments.Select(a => new Argument(a.Name?.Text, evaluator.Evaluate(a.Value, evaluator.Globals, ""), a.Span))
            .ToImmutableArray();
        var name = call.Name.Text;
        var signature = $"{name}(low, high, count, seed = 0)";
        if (evaluator.Match(name, signature, Drawn, arguments, call.Span) is not { } given)
            return null;
        foreach (var needed in Drawn.Take(3).Where(n => !given.ContainsKey(n)))
        {
            evaluator.Diagnostics.MissingArgument(call.Span, name, needed, signature);
            return null;
        }
        if (
            Number("low") is not { } low
            || Number("high") is not { } high
            || Number("count") is not { } count
            || Number("seed") is not { } seed
        )
            return null;
        var logarithmic = name == "log_uniform";
        if (logarithmic && low <= 0)
            return Out("low", "above 0", low);
        if (high < low)
            return Out("high", FormattableString.Invariant($"at least {low}"), high);
        if (count is < 1 or > CountLimit || Math.Floor(count) != count)
            return Out("count", FormattableString.Invariant($"a whole number from 1 to {CountLimit}"), count);
        if (seed < 0 || Math.Floor(seed) != seed)
            return Out("seed", "a whole number from 0 on", seed);
        return [.. Enumerable.Range(0, (int)count).Select(i => Drawing(i))];

        SweptValue Drawing(int index)
        {
            var share = Uniform((ulong)seed, swept.Path.ToString(), index);
            var value = logarithmic
                ? Math.Exp(Math.Log(low) + share * (Math.Log(high) - Math.Log(low)))
                : low + share * (high - low);
            var text = value.ToString("G4", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
            return Syntax(new NumberValue(double.Parse(text, CultureInfo.InvariantCulture)), call.Span)!;
        }

        double? Number(string argument)
        {
            if (!given.TryGetValue(argument, out var found))
                return 0;
            if (found.Value is NumberValue number)
                return number.Number;
            evaluator.WrongKind(found.Span, $"'{argument}' of {name}", "a number", found.Value);
            return null;
        }

        ImmutableArray<SweptValue>? Out(string argument, string bounds, double found)
        {
            evaluator.OutOfBounds(given[argument].Span, $"'{argument}' of {name}", bounds, found);
            return null;
        }
    }

    /// <summary>In [0, 1): of seed, path and index, so that paired lines draw independently.</summary>
    static double Uniform(ulong seed, string path, int index)
    {
        var state = seed;
        foreach (var letter in path)
            state = SplitMix64.Next(state + letter);
        return (SplitMix64.Next(state + (ulong)index) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A computed value as it would be written, standing where it was computed.</summary>
    static SweptValue? Syntax(Value value, SourceSpan span)
    {
        switch (value)
        {
            case NumberValue { Number: < 0 } number:
                var positive = Syntax(new NumberValue(-number.Number), span)!;
                return new(new UnarySyntax(UnaryOperator.Negate, positive.Expression, span), "-" + positive.Text);
            case NumberValue number:
                var text = number.Number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
                return new(new NumberSyntax(number.Number, number.IsInteger, text, span), text);
            case BooleanValue boolean:
                return new(new BooleanSyntax(boolean.Value, span), boolean.Value ? "true" : "false");
            case StringValue quoted:
                return new(new StringSyntax(quoted.Text, span), $"\"{quoted.Text}\"");
            case WordValue word:
                return new(new ReferenceSyntax(new(word.Name.Text, span)), word.Name.Text);
            case ComponentValue component:
                return new(new ReferenceSyntax(new(component.Name, span)), component.Name);
            case SizeValue size:
                return new(new SizeSyntax(size.Size.Height, size.Size.Width, span), size.Size.ToString());
            case FactorValue factor:
                var times =
                    factor.Number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal) + "x";
                return new(new FactorSyntax(factor.Number, times, span), times);
            case UntilValue until:
                return new(until.Syntax with { Span = span }, until.Syntax.Span.Text);
            case ExceptValue except:
                return new(except.Syntax with { Span = span }, except.Syntax.Span.Text);
            case ListValue list
                when list.Items.Select(i => Syntax(i, span)).ToList() is var items && items.All(i => i is not null):
                return new(
                    new ListSyntax([.. items.Select(i => i!.Expression)], span),
                    $"[{string.Join(", ", items.Select(i => i!.Text))}]"
                );
            default:
                return null;
        }
    }

    /// <summary>
    /// What names data or weights beside the sweep's file names the same from the working folder, where `--set` starts. A `model`
    /// is relative to the program wherever it is set. </summary>
    static string Relocated(SweptSyntax swept, string text)
    {
        var folder = swept.Span.Source.Folder;
        return folder.Length == 0 || ProgramBinder.ChoosesModel(swept)
            ? text
            : Quoted().Replace(text, path => $"\"{Path.Combine(folder, path.Groups[1].Value).Replace('\\', '/')}\"");
    }

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();

    static string WithoutComments(string text) =>
        !text.Contains('#')
            ? text
            : string.Join(
                '\n',
                text.Split('\n').Select(line => line[..CommentStart(line)].TrimEnd()).Where(line => line.Length > 0)
            );

    static int CommentStart(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            quoted ^= line[i] == '"';
            if (line[i] == '#' && !quoted)
                return i;
        }
        return line.Length;
    }
}
