using System.Collections;
using CsCheck;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Formatting;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Fuzz;

/// <summary>Programs with pieces cut out, doubled, moved and mangled: there is always a tree, and all places lie in the
/// text.</summary>
public class ParserFuzz
{
    static readonly string[] Texts = [.. Seeds.In("tests/cases/syntax").Select(s => s.Text)];

    static readonly string[] Splinters =
    [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "'",
        "#",
        "//",
        "/*",
        "\n",
        "\r",
        "\t",
        "\0",
        "\uFEFF",
        "\uD800",
        "\uDC00",
        "\U0001F600",
        "->",
        "=>",
        "|>",
        "..",
        ".",
        ",",
        ":",
        "=",
        "+",
        "- - -",
        "not ",
        "if ",
        "for ",
        "let ",
        "return ",
        "model ",
        "task ",
        "component x(",
        "1e999",
        "3px",
        "0x0",
        "skip ",
        " with ",
    ];

    static readonly Gen<string> Mutated =
        from text in Gen.Int[0, Texts.Length - 1].Select(i => Texts[i])
        from edits in Gen.Select(
            Gen.Int[0, 4],
            Gen.Double[0, 1],
            Gen.Int[0, 40],
            Gen.Int[0, Splinters.Length - 1].Select(i => Splinters[i])
        ).Array[1, 6]
        select edits.Aggregate(text, (t, e) => Edited(t, e.Item1, (int)(e.Item2 * t.Length), e.Item3, e.Item4));

    [Fact]
    public void Mutated_programs_have_a_tree_and_sound_places() => Fuzzing.Run("parser", Mutated, 6_000, Check, text => text);

    /// <summary>The first was found by a mutation: what is missing at a statement's end lies within the statement.</summary>
    [Theory]
    [InlineData("model m {\n  loss:# x\n}")]
    [InlineData("model m {\n  let x = # x\n  loss: l1(a)\n}")]
    [InlineData("model m {\n  aspp a: b -> # x\n}")]
    [InlineData("set a = # x\n")]
    [InlineData("train { a: # x\n}")]
    [InlineData("sweep s { a: # x\n}")]
    [InlineData("component c(x, y = # x\n) { return x }")]
    [InlineData("component c(x) { return # x\n}")]
    public void What_is_missing_lies_within_what_it_is_missing_from(string text) => Check(text);

    [Fact]
    public void Every_truncation_has_a_tree_and_sound_places()
    {
        foreach (var length in Enumerable.Range(0, Texts[^1].Length))
            Check(Texts[^1][..length]);
    }

    /// <summary>Whatever of it parses keeps its words and comments (<see cref="Formatter"/> throws otherwise), and its layout is
    /// laid out already.</summary>
    [Fact]
    public void A_layout_is_its_own_layout() =>
        Fuzzing.Run(
            "layout",
            Mutated,
            2_000,
            text =>
            {
                foreach (var style in new[] { new FormatStyle(), new FormatStyle(FormatStyle.Narrowest, 4) })
                {
                    if (Formatter.Format(new("mutated.mtl", text), style, new()) is { } once)
                        Assert.Equal(once, Formatter.Format(new("mutated.mtl", once), style, new()));
                }
            },
            text => text
        );

    /// <summary>Every character lies in exactly one token, or is a space or in a comment.</summary>
    [Fact]
    public void Nothing_of_a_text_is_lost() =>
        Fuzzing.Run(
            "tokens",
            Mutated,
            2_000,
            text =>
            {
                var source = new SourceText("mutated.mtl", text);
                if (text.Contains('\0', StringComparison.Ordinal))
                    return;
                var diagnostics = new DiagnosticBag();
                var end = 0;
                foreach (var token in Lexing.Tokens(source, diagnostics))
                {
                    Assert.InRange(token.Span.Start, end, source.Content.Length);
                    var between = source.Content[end..token.Span.Start];
                    var isHidden =
                        between.All(c => c is ' ' or '\t' or '\r' or '\n') || between.Contains('#', StringComparison.Ordinal);
                    Assert.True(isHidden || diagnostics.Count > 0, $"'{between}' is in no token");
                    end = token.Span.End;
                }
                Assert.Equal(source.Content.Length, end);
            },
            text => text
        );

    static string Edited(string text, int edit, int at, int length, string splinter)
    {
        var end = Math.Min(text.Length, at + length);
        return edit switch
        {
            0 => text.Remove(at, end - at),
            1 => text.Insert(at, splinter),
            2 => text.Insert(at, text[at..end]),
            3 => text[..at],
            _ => text.Remove(at, end - at).Insert(at, splinter),
        };
    }

    static void Check(string text)
    {
        var source = new SourceText("mutated.mtl", text);
        var diagnostics = new DiagnosticBag();
        var tree = SyntaxTree.Parse(source, diagnostics);
        Assert.Equal((0, source.Content.Length), (tree.Span.Start, tree.Span.Length));
        foreach (var node in tree.Declarations)
            Contained(node, tree.Span);
        foreach (var diagnostic in diagnostics.ToSorted())
        {
            InText(diagnostic.Span, source);
            foreach (var note in diagnostic.Notes)
                InText(note.Span ?? source.Span(0, 0), source);
        }
        foreach (var format in Enum.GetValues<DiagnosticFormat>())
            Assert.Equal(
                diagnostics.Count == 0,
                DiagnosticText.Of(diagnostics, format, colour: true, width: 60).Trim() is "" or "[]"
            );
    }

    static void InText(SourceSpan span, SourceText source)
    {
        Assert.Same(source, span.Source);
        Assert.InRange(span.Start, 0, source.Content.Length);
        Assert.InRange(span.Length, 0, source.Content.Length - span.Start);
    }

    /// <summary>A piece lies within what it is a piece of.</summary>
    static void Contained(SyntaxNode node, SourceSpan outer)
    {
        InText(node.Span, outer.Source);
        Assert.True(
            node.Span.Start >= outer.Start && node.Span.End <= outer.End,
            $"{node.GetType().Name} lies outside of what holds it"
        );
        foreach (
            var value in node.GetType()
                .GetProperties()
                .Where(p => p.Name != nameof(FileSyntax.Source))
                .Select(p => p.GetValue(node))
        )
        {
            var children =
                value is SyntaxNode child ? [child]
                : value is IEnumerable many and not string ? many.OfType<SyntaxNode>()
                : [];
            foreach (var inner in children)
                Contained(inner, node.Span);
        }
    }
}
