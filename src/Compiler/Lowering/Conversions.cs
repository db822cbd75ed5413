using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Text;

namespace Mtlc.Compiler.Lowering;

/// <summary>From values of the language to what a record's constructor takes.</summary>
public static class Conversions
{
    /// <summary>The converted value; null after having reported why there is none.</summary>
    /// <param name="what">"'kernel' of conv", for messages.</param>
    public static object? Convert(
        this Evaluator evaluator,
        Value value,
        SignatureParameter parameter,
        string what,
        SourceSpan span,
        Origin? origin = null
    )
    {
        if (value is ErrorValue)
            return null;
        var type = parameter.Type;
        object? converted = value switch
        {
            NumberValue number when type == typeof(int) && number.IsInteger && Math.Abs(number.Number) <= int.MaxValue => (int)
                number.Number,
            NumberValue number when type == typeof(double) => number.Number,
            NumberValue { IsInteger: true, Number: >= 0 and <= 1 << 16 } number when type == typeof(Padding) => new Padding(
                (int)number.Number
            ),
            NumberValue { IsInteger: true, Number: >= 1 and <= 1 << 16 } number when type == typeof(ImageSize) => new ImageSize(
                (int)number.Number,
                (int)number.Number
            ),
            FactorValue factor when type == typeof(Factor) => new Factor(factor.Number),
            ExceptValue except when type == typeof(DecayRule) => Rule(except),
            SizeValue size when type == typeof(ImageSize) => size.Size,
            BooleanValue boolean when type == typeof(bool) => boolean.Value,
            StringValue text when type == typeof(string) => text.Text,
            StringValue text when type == typeof(FilePath) => new FilePath(text.Text, text.Folder),
            IntervalValue { Low: > 0 } interval when type == typeof(Interval) && interval.Low <= interval.High => new Interval(
                interval.Low,
                interval.High
            ),
            WordValue word when type == typeof(Padding) && word.Name.Text == "same" => Padding.Same,
            WordValue word when type.IsEnum => ParseEnum(type, word.Name.Text),
            // `unit: log`, where `log` is a primitive too.
            ComponentValue component when type.IsEnum => ParseEnum(type, component.Name),
            _ => null,
        };
        if (converted is null)
        {
            if (value is WordValue word && type.IsEnum)
                evaluator.Diagnostics.WordNotAllowed(span, what, $"'{word.Name.Text}'", EnumWords(type));
            else if (value is NumberValue { IsInteger: true } large && type == typeof(int))
                InBounds(evaluator, large.Number, parameter.Bounds ?? new(int.MinValue, int.MaxValue), what, span, origin);
            else
                evaluator.WrongKind(span, what, Expected(type), value, origin);
            return null;
        }
        var number2 = converted switch
        {
            int i => i,
            double d => d,
            Factor f => f.Value,
            _ => (double?)null,
        };
        return number2 is null || InBounds(evaluator, number2.Value, parameter.Bounds, what, span, origin) ? converted : null;
    }

    /// <summary>An enum's words: `exclude`, `zero`.</summary>
    public static ImmutableArray<string> EnumWords(Type type) =>
        type == typeof(DecayRule) ? [.. Enum.GetNames(type).Select(Words)] : [.. Enum.GetNames(type).Select(Signature.Snake)];

    /// <summary>"ExceptNormsAndBiases" to "except norms and biases".</summary>
    static string Words(string rule) => Signature.Snake(rule).Replace('_', ' ');

    static object? Rule(ExceptValue except)
    {
        var words = except.Syntax.Words.Select(w => w.Text).Order(StringComparer.Ordinal).Reverse();
        return Enum.GetNames<DecayRule>().FirstOrDefault(n => Words(n) == $"except {string.Join(" and ", words)}") is { } name
            ? Enum.Parse<DecayRule>(name)
            : null;
    }

    // Rules of several words are no words.
    static IEnumerable<string> EnumNames(Type type) => type == typeof(DecayRule) ? [nameof(DecayRule.All)] : Enum.GetNames(type);

    static object? ParseEnum(Type type, string word) =>
        EnumNames(type).FirstOrDefault(n => Signature.Snake(n) == word) is { } name ? Enum.Parse(type, name) : null;

    static bool InBounds(
        Evaluator evaluator,
        double number,
        BoundsAttribute? bounds,
        string what,
        SourceSpan span,
        Origin? origin
    )
    {
        var inside =
            double.IsFinite(number)
            && (
                bounds is null
                || (number <= bounds.Maximum && (bounds.Above ? number > bounds.Minimum : number >= bounds.Minimum))
            );
        if (inside)
            return true;
        var limits =
            bounds is null ? "finite"
            : bounds.Above ? $"above {Text(bounds.Minimum)} and at most {Text(bounds.Maximum)}"
            : $"between {Text(bounds.Minimum)} and {Text(bounds.Maximum)}";
        evaluator.OutOfBounds(span, what, limits, number, origin);
        return false;
    }

    static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    static string Expected(Type type) =>
        type == typeof(int) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(bool) ? "true or false"
        : type == typeof(Factor) ? "a factor such as 0.1x"
        : type == typeof(string) || type == typeof(FilePath) ? "a string in quotes"
        : type == typeof(ImageSize) ? "a size such as 256 or 256x512 (height x width)"
        : type == typeof(Padding) ? "a number of pixels or the word 'same'"
        : type == typeof(Interval) ? "an interval such as 0.5..2"
        : type.IsEnum ? "one of " + string.Join(", ", EnumWords(type))
        : "settings";
}
