using System.Text.Json;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Diagnostics;

public class RenderingTests
{
    static readonly SourceText Program = new(
        "distillation.mtl",
        string.Concat(Enumerable.Repeat("\n", 18)) + "  decoder semseg_2: semseg_1 + from_dept  -> semseg\n"
    );

    static Diagnostic Example(Severity severity = Severity.Error) =>
        new(
            "MTL2003",
            severity,
            "no box 'from_dept' in model distillation",
            At(Program, "from_dept"),
            "did you mean 'from_depth'?"
        );

    [Fact]
    public void A_person_reads_the_place_with_the_piece_underlined() =>
        Assert.Equal(
            """
            error[MTL2003]: no box 'from_dept' in model distillation
              --> distillation.mtl:19:32
               |
            19 |   decoder semseg_2: semseg_1 + from_dept  -> semseg
               |                                ^^^^^^^^^ did you mean 'from_depth'?

            1 error

            """,
            Human(Example())
        );

    [Fact]
    public async Task Notes_help_tabs_long_lines_and_long_pieces_have_their_layout()
    {
        var source = new SourceText(
            "a.mtl",
            """
            model m {
            	task semseg: segmentation { classes: 19 }
              loss: a
                + b
                + c
                + d
              let wide = "日本語" + x
            }

            """
                + "  let long = "
                + string.Concat(Enumerable.Repeat("first + ", 40))
                + "misspelt"
                + string.Concat(Enumerable.Repeat(" + last", 40))
                + "\n\u001B[31m\n"
        );
        var loss = At(source, "loss: a").To(At(source, "+ d"));
        await Verify(
            Human(
                new(
                    "MTL2001",
                    Severity.Error,
                    "first",
                    At(source, "classes"),
                    "a label",
                    [new("a fact"), new("another place", At(source, "model"))],
                    "what to type"
                ),
                new(
                    "MTL2002",
                    Severity.Warning,
                    "of many lines",
                    loss,
                    "a label",
                    [new("of one line too many", At(source, "+ b").To(At(source, "+ c")))]
                ),
                new("MTL2003", Severity.Error, "wide characters", At(source, "x\n") with { Length = 1 }),
                new("MTL2004", Severity.Error, "a long line", At(source, "misspelt"), "a label"),
                new("MTL2005", Severity.Error, "the end of a line", source.Span(At(source, "+ d").End, 0), "here"),
                new("MTL2006", Severity.Error, "a \u001B[31mcommand to the terminal", At(source, "\u001B")),
                new("MTL2007", Severity.Error, "the end of the file", source.Span(source.Content.Length, 0))
            )
        );
    }

    [Fact]
    public void Colours_change_nothing_but_colours()
    {
        var diagnostics = Bag(Example(), Example(Severity.Warning) with { Code = "MTL4001" });
        var coloured = DiagnosticText.Of(diagnostics, DiagnosticFormat.Human, colour: true);
        Assert.Contains("\u001B[1;31merror[MTL2003]", coloured, StringComparison.Ordinal);
        Assert.Equal(
            DiagnosticText.Of(diagnostics, DiagnosticFormat.Human),
            System.Text.RegularExpressions.Regex.Replace(coloured, "\u001B\\[[0-9;]*m", "")
        );
    }

    [Fact]
    public void A_build_system_reads_one_line_each() =>
        Assert.Equal(
            "distillation.mtl(19,32): error MTL2003: no box 'from_dept' in model distillation; did you mean 'from_depth'?\n",
            DiagnosticText.Of(Bag(Example()), DiagnosticFormat.MsBuild)
        );

    [Fact]
    public void A_program_reads_json()
    {
        var note = new DiagnosticNote("there", Program.Span(0, 0));
        using var json = JsonDocument.Parse(
            DiagnosticText.Of(Bag(Example() with { Notes = [note, new("a fact \uD800")], Help = "h" }), DiagnosticFormat.Json)
        );
        var only = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("MTL2003", only.GetProperty("code").GetString());
        Assert.Equal("error", only.GetProperty("severity").GetString());
        Assert.Equal((19, 32, 19, 41), (Number("line"), Number("column"), Number("endLine"), Number("endColumn")));
        Assert.Equal("distillation.mtl", only.GetProperty("file").GetString());
        Assert.Equal("did you mean 'from_depth'?", only.GetProperty("label").GetString());
        Assert.Equal(1, only.GetProperty("notes")[0].GetProperty("line").GetInt32());
        Assert.Equal("a fact \uFFFD", only.GetProperty("notes")[1].GetProperty("message").GetString());
        Assert.Equal("h", only.GetProperty("help").GetString());

        int Number(string name) => only.GetProperty(name).GetInt32();
    }

    [Fact]
    public void Nothing_wrong_is_nothing_said()
    {
        Assert.Equal("", DiagnosticText.Of(new(), DiagnosticFormat.Human));
        Assert.Equal("", DiagnosticText.Of(new(), DiagnosticFormat.MsBuild));
        Assert.Equal("[]", DiagnosticText.Of(new(), DiagnosticFormat.Json).Trim());
    }

    [Fact]
    public void The_summary_counts()
    {
        var many = Enumerable.Range(0, DiagnosticBag.Limit + 7).Select(i => Example() with { Code = $"MTL{i:D4}" });
        Assert.EndsWith("100 errors (7 more not shown)\n", Human([.. many]), StringComparison.Ordinal);
        Assert.EndsWith(
            "\n2 errors, 1 warning\n",
            Human(Example(), Example() with { Code = "MTL2004" }, Example(Severity.Warning) with { Code = "MTL4001" }),
            StringComparison.Ordinal
        );
    }

    static SourceSpan At(SourceText source, string piece) =>
        source.Span(source.Content.IndexOf(piece, StringComparison.Ordinal), piece.Length);

    static string Human(params Diagnostic[] diagnostics) =>
        DiagnosticText.Of(Bag(diagnostics), DiagnosticFormat.Human, width: 80);

    static DiagnosticBag Bag(params Diagnostic[] diagnostics)
    {
        var bag = new DiagnosticBag();
        foreach (var diagnostic in diagnostics)
            bag.Add(diagnostic);
        return bag;
    }
}
