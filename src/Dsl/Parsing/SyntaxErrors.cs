using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Dsl.Parsing;

/// <summary>Everything that can be wrong with the form of a file. Each code is explained in docs/diagnostics.</summary>
static class SyntaxErrors
{
    public static Diagnostic Unexpected(SourceSpan span, string expected, string? after, string found, string? help = null) =>
        Error(
            "MTL1001",
            $"expected {expected}{(after is null ? "" : $" after '{after}'")}, found {found}",
            span,
            $"expected {expected}",
            help: help
        );

    public static Diagnostic UnknownStatement(SourceSpan word, string place, string choices, string? meant) =>
        Error(
            "MTL1002",
            $"unknown word '{word.Text}' in {place}",
            word,
            meant is null ? null : $"did you mean '{meant}'?",
            help: $"{place} may hold {choices}"
        );

    public static Diagnostic UnknownCharacters(SourceSpan span) =>
        Error("MTL1003", $"{Characters(span.Text)} not part of the language", span, help: Replacement(span.Text));

    public static Diagnostic OpenString(SourceSpan span) =>
        Error("MTL1004", "this text has no closing '\"' on its line", span, "starts here and never ends");

    public static Diagnostic GluedNumber(SourceSpan span)
    {
        var digits = span.Text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        return Error(
            "MTL1005",
            $"letters stick to the number in '{Short(span.Text)}'",
            span,
            $"'{Short(span.Text[digits..])}' belongs to no number",
            help: $"write the number alone, '{Short(span.Text[..digits])}', or begin a name with a letter"
        );
    }

    public static Diagnostic ForeignSymbol(SourceSpan span, string? meant) =>
        Error(
            "MTL1006",
            $"'{span.Text}' is not part of the language",
            span,
            meant is null ? null : $"write '{meant}'",
            help: span.Text switch
            {
                ";" => "the end of the line ends a statement; leave the ';' out",
                "\u00D7" => "sizes are written with an 'x': 256x512",
                _ => null,
            }
        );

    public static string? MeantBy(string symbol) =>
        symbol switch
        {
            "=>" or "-->" or "\u2192" => "->",
            ":=" => "=",
            "&&" => "and",
            "||" => "or",
            "!" => "not",
            "**" or "\u00D7" => "*",
            "\u2212" or "\u2013" => "-",
            _ => null,
        };

    public static Diagnostic ForeignComment(SourceSpan span) =>
        Error("MTL1007", "a comment begins with '#'", span with { Length = 2 }, "write '#'");

    public static Diagnostic Apostrophes(SourceSpan span) =>
        Error("MTL1008", "text stands in plain double quotes", span, $"write \"{Short(span.Text[1..^1])}\"");

    public static Diagnostic BareFraction(SourceSpan span) =>
        Error("MTL1009", "a number begins with a digit", span, $"write '0{Short(span.Text)}'");

    public static Diagnostic BarePoint(SourceSpan span) =>
        Error(
            "MTL1009",
            "a number has digits on both sides of its point",
            span,
            $"write '{Short(span.Text.Replace(".", ".0", StringComparison.Ordinal))}'"
        );

    /// <param name="opened">The brackets that stay open, innermost last.</param>
    /// <param name="missingAt">Where the closing one was missed at the latest.</param>
    public static Diagnostic Unclosed(IReadOnlyList<SourceSpan> opened, string closing, SourceSpan missingAt)
    {
        var notes = ImmutableArray.CreateBuilder<DiagnosticNote>();
        var atEnd = missingAt.Start == missingAt.Source.Content.Length;
        notes.Add(atEnd ? new("the file ends before it is closed") : new($"'{closing}' was expected before this", missingAt));
        foreach (var outer in opened.Reverse().Skip(1).Take(3))
            notes.Add(new($"this '{outer.Text}' is not closed either", outer));
        return Error(
            "MTL1010",
            $"this '{opened[^1].Text}' is never closed",
            opened[^1],
            $"no '{closing}' for it",
            notes.ToImmutable()
        );
    }

    public static Diagnostic NothingOpen(SourceSpan closing) =>
        Error("MTL1011", $"there is nothing open that this '{closing.Text}' could close", closing, "one too many");

    public static Diagnostic WrongClosing(SourceSpan closing, SourceSpan opening, string right) =>
        Error(
            "MTL1012",
            $"'{opening.Text}' is closed by '{closing.Text}'",
            closing,
            $"write '{right}'",
            [new("opened here", opening)]
        );

    public static Diagnostic MissingReturn(NameSyntax component, SourceSpan closing) =>
        Error(
            "MTL1013",
            $"component '{component.Text}' returns nothing",
            closing,
            "expected 'return' and the result before this",
            [new("its name", component.Span)]
        );

    public static Diagnostic SecondReturn(SourceSpan second, SourceSpan first) =>
        Error("MTL1014", "a component has one 'return'", second, "the second one", [new("the first one", first)]);

    public static Diagnostic AfterReturn(SourceSpan let, SourceSpan result) =>
        Error("MTL1015", "nothing follows 'return'", let, "move this before it", [new("the component ends with this", result)]);

    public static Diagnostic ReservedWord(SourceSpan word, string expected) =>
        Error("MTL1016", $"'{word.Text}' is a word of the language and cannot be a name", word, $"expected {expected}");

    public static Diagnostic Misplaced(SourceSpan word, string here, string there) =>
        Error("MTL1017", $"'{word.Text}' does not belong in {here}", word, $"it stands in {there}");

    public static Diagnostic MissingComma(SourceSpan between, string next) =>
        Error("MTL1018", $"',' or a line break is missing before '{next}'", between, "write ','");

    public static Diagnostic SkipFirst(SourceSpan feature, string decoder) =>
        Error(
            "MTL1019",
            $"decoder '{decoder}' has a skip before a feature",
            feature,
            "features come first, then skips",
            help: "NAME: feature + feature + skip feature -> task"
        );

    public static Diagnostic ListAlone(SourceSpan list, string decoder) =>
        Error(
            "MTL1029",
            $"decoder '{decoder}' adds a list of features to something",
            list,
            "a list stands alone, before the skips",
            help: "NAME: [feature, feature] + skip feature -> task"
        );

    public static Diagnostic OtherSign(SourceSpan sign, string right, string what) =>
        Error("MTL1020", $"{what} is written with '{right}', not '{sign.Text}'", sign, $"write '{right}'");

    public static Diagnostic MissingLet(SourceSpan name) =>
        Error("MTL1021", $"a new name begins with 'let'", name, $"write 'let {Short(name.Text)} = ...'");

    public static Diagnostic NumberOutOfRange(SourceSpan number, double largest) =>
        Error(
            "MTL1022",
            $"the number {Short(number.Text)} is too large",
            number,
            string.Create(CultureInfo.InvariantCulture, $"at most {largest:R}")
        );

    public static Diagnostic SideOutOfRange(SourceSpan size) =>
        Error("MTL1023", $"the size {Short(size.Text)} is out of range", size, $"height and width are 1 to {SyntaxLimits.Side}");

    public static Diagnostic NotWhole(SourceSpan number, string what) =>
        Error("MTL1024", $"{what} is a whole number", number, "expected a whole number");

    public static Diagnostic FileTooLarge(SourceText source) =>
        Error(
            "MTL1025",
            $"the file is too large: {source.Content.Length} characters, at most {SyntaxLimits.FileLength}",
            source.Span(0, 0)
        );

    public static Diagnostic NotText(SourceSpan nul) => Error("MTL1026", "this is not a text file", nul, "a zero byte");

    public static Diagnostic TooDeep(SourceSpan where) =>
        Error(
            "MTL1027",
            $"nested too deeply: more than {SyntaxLimits.Brackets} brackets or {SyntaxLimits.ExpressionDepth} levels of "
                + $"an expression",
            where,
            "one level too many",
            help: "give a part of it a name with 'let'"
        );

    public static Diagnostic ChainTooLong(SourceSpan chain, int length) =>
        Error(
            "MTL1028",
            $"a chain of {length} links; an expression has at most {SyntaxLimits.ExpressionDepth}",
            chain,
            help: "give a part of it a name with 'let'"
        );

    static Diagnostic Error(
        string code,
        string message,
        SourceSpan span,
        string? label = null,
        ImmutableArray<DiagnosticNote> notes = default,
        string? help = null
    ) => new(code, Severity.Error, message, span, label, notes, help);

    /// <summary>A piece of the user's text that fits into a sentence.</summary>
    public static string Short(string text) => text.Length <= 40 ? text : text[..37] + "...";

    static string Characters(string text)
    {
        if (text == "'")
            return "an apostrophe is";
        var plain = text.All(c =>
            c is > ' ' and < '\u007F' || char.IsLetterOrDigit(c) || char.IsSymbol(c) || char.IsPunctuation(c)
        );
        if (plain)
            return $"'{Short(text)}' is";
        var codes = text.EnumerateRunes().Any(r => r.Value == 0xFFFD && !text.Contains('\uFFFD', StringComparison.Ordinal))
            ? text.Select(c => (int)c)
            : text.EnumerateRunes().Select(r => r.Value);
        var named = codes
            .Take(4)
            .Select(c =>
                c switch
                {
                    0xA0 => "U+00A0 (a no-break space)",
                    0xFEFF => "U+FEFF (a byte order mark)",
                    0x200B => "U+200B (a zero-width space)",
                    _ => string.Create(CultureInfo.InvariantCulture, $"U+{c:X4}"),
                }
            )
            .ToList();
        return $"the character{(named.Count == 1 ? "" : "s")} {string.Join(", ", named)}{(text.Length > 4 ? ", ..." : "")} "
            + $"{(named.Count == 1 ? "is" : "are")}";
    }

    static string? Replacement(string text) =>
        text[0] switch
        {
            '\u00A0' or '\u2003' or '\u2009' or '\u3000' => "use a plain space",
            '\u201C' or '\u201D' or '\u201E' or '\u00AB' => "text stands in plain double quotes: \"text\"",
            '\u2014' => "use a plain '-'",
            '|' => "a chain is written 'x |> f(a)', an alternative 'a or b'",
            '&' => "write 'and'",
            '%' => "write a fraction: 0.5 for 50 percent",
            '\'' => "text stands in double quotes",
            _ => null,
        };
}
