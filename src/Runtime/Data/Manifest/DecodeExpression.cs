using System.Globalization;
using System.Text.RegularExpressions;

namespace Mtlc.Runtime.Data.Manifest;

/// <summary>
/// How a manifest turns a stored number v into its unit: numbers, v, + - * / and parentheses; with a camera also baseline
/// (metres) and fx (pixels). As NumPy does it on a float32 array: parts without v in double precision, all else in float32, from
/// the left. </summary>
sealed partial class DecodeExpression
{
    const int LongestText = 1000,
        DeepestNesting = 50;

    abstract record Term
    {
        public sealed record Number(double Value) : Term;

        public sealed record Name(string Text) : Term;

        public sealed record Binary(char Operator, Term Left, Term Right) : Term;
    }

    /// <summary>A constant, or a function of v.</summary>
    readonly record struct Bound(double Constant, Func<float, float>? Function);

    readonly Term root;

    DecodeExpression(Term root, string text) => (this.root, Text) = (root, text);

    /// <summary>As written.</summary>
    public string Text { get; }

    public bool NeedsCamera { get; private init; }

    /// <exception cref="FormatException">Not such an expression; the message says where and why.</exception>
    public static DecodeExpression Parse(string text)
    {
        if (text.Length > LongestText)
            throw new FormatException($"an expression of {text.Length} characters; at most {LongestText} are read");
        var parser = new Parser(text);
        var root = parser.Whole();
        if (!parser.Names.Contains("v"))
            throw new FormatException("the expression does not contain v, the stored number");
        return new DecodeExpression(root, text) { NeedsCamera = parser.Names.Count > 1 };
    }

    /// <summary>The function of v, once the camera is known.</summary>
    public Func<float, float> Bind(double baseline = double.NaN, double fx = double.NaN) => Bind(root, baseline, fx).Function!;

    static Bound Bind(Term term, double baseline, double fx)
    {
        switch (term)
        {
            case Term.Number n:
                return new(n.Value, null);
            case Term.Name { Text: "v" }:
                return new(0, v => v);
            case Term.Name n:
                return new(n.Text == "fx" ? fx : baseline, null);
        }
        var (sign, left, right) = (Term.Binary)term;
        var (a, b) = (Bind(left, baseline, fx), Bind(right, baseline, fx));
        var (x, y) = ((float)a.Constant, (float)b.Constant);
        return (sign, a.Function, b.Function) switch
        {
            ('+', null, null) => new(a.Constant + b.Constant, null),
            ('-', null, null) => new(a.Constant - b.Constant, null),
            ('*', null, null) => new(a.Constant * b.Constant, null),
            (_, null, null) => new(a.Constant / b.Constant, null),
            ('+', { } f, null) => new(0, v => f(v) + y),
            ('-', { } f, null) => new(0, v => f(v) - y),
            ('*', { } f, null) => new(0, v => f(v) * y),
            (_, { } f, null) => new(0, v => f(v) / y),
            ('+', null, { } g) => new(0, v => x + g(v)),
            ('-', null, { } g) => new(0, v => x - g(v)),
            ('*', null, { } g) => new(0, v => x * g(v)),
            (_, null, { } g) => new(0, v => x / g(v)),
            ('+', { } f, { } g) => new(0, v => f(v) + g(v)),
            ('-', { } f, { } g) => new(0, v => f(v) - g(v)),
            ('*', { } f, { } g) => new(0, v => f(v) * g(v)),
            (_, { } f, { } g) => new(0, v => f(v) / g(v)),
        };
    }

    /// <summary>sum = product (+|- product)*, product = factor (*|/ factor)*, factor = -factor | number | name | ( sum
    /// ).</summary>
    ref struct Parser(string text)
    {
        int at,
            depth;

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public Term Whole()
        {
            var term = Sum();
            return Peek() == '\0' && at >= text.Length ? term : throw Unexpected("an operator or the end");
        }

        Term Sum()
        {
            var left = Product();
            while (Peek() is '+' or '-')
                left = new Term.Binary(text[at++], left, Product());
            return left;
        }

        Term Product()
        {
            var left = Factor();
            while (Peek() is '*' or '/')
                left = new Term.Binary(text[at++], left, Factor());
            return left;
        }

        Term Factor()
        {
            if (++depth > DeepestNesting)
                throw new FormatException($"an expression nested more than {DeepestNesting} deep");
            Term term;
            switch (Peek())
            {
                case '-':
                    at++;
                    term = new Term.Binary('-', new Term.Number(0), Factor());
                    break;
                case '(':
                    at++;
                    term = Sum();
                    if (Peek() != ')')
                        throw Unexpected("')'");
                    at++;
                    break;
                case >= '0' and <= '9' or '.':
                    term = new Term.Number(Number());
                    break;
                case var c when char.IsAsciiLetter(c):
                    term = new Term.Name(Name());
                    break;
                default:
                    throw Unexpected("a number, v or '('");
            }
            depth--;
            return term;
        }

        double Number()
        {
            var digits = NumberPattern().Match(text, at).Value;
            if (digits.Length == 0)
                throw Unexpected("a number");
            at += digits.Length;
            return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        string Name()
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                at++;
            var name = text[start..at];
            if (name is not ("v" or "baseline" or "fx"))
                throw new FormatException($"'{name}' is unknown; an expression may use v, and with a camera baseline and fx");
            Names.Add(name);
            return name;
        }

        char Peek()
        {
            while (at < text.Length && text[at] is ' ' or '\t')
                at++;
            return at < text.Length ? text[at] : '\0';
        }

        readonly FormatException Unexpected(string expected) =>
            new($"expected {expected} {(at < text.Length ? $"at '{text[at]}' (column {at + 1})" : "at the end")} of '{text}'");
    }

    [GeneratedRegex(@"\G(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
