using System.Globalization;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Parsing;

/// <summary>What the tree of a program says, and where.</summary>
public class TreeTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "(1 + (2 * 3))")]
    [InlineData("1 - 2 - 3", "((1 - 2) - 3)")]
    [InlineData("-a * b", "((- a) * b)")]
    [InlineData("-a[0].b", "(- a[0].b)")]
    [InlineData("not a == b and c or d", "(((not (a == b)) and c) or d)")]
    [InlineData("a + 1 <= b * 2", "((a + 1) <= (b * 2))")]
    [InlineData("0..n - 1", "(0 .. (n - 1))")]
    [InlineData("if a then b else if c then d else e + 1", "if a then b else if c then d else (e + 1)")]
    [InlineData("if a then b else c |> f", "if a then b else c |> f()")]
    [InlineData("x |> f |> g(1, k: 2) |> for i in 0..3: h(i)", "x |> f() |> g(1, k: 2) |> for i in (0 .. 3): h(i)")]
    [InlineData("[for r in [1, 2]: f(x, r)]", "[for r in [1, 2]: f(x, r)]")]
    [InlineData("log_uniform(1e-5, 1e-2, count: 8)", "log_uniform(1E-05, 0.01, count: 8)")]
    [InlineData("[sgd { momentum: 0.9 }, adam]", "[sgd { momentum: 0.9 }, adam]")]
    [InlineData("f((1 + 2) / task, \"a # b\", 256x512, true)", "f((((1 + 2)) / task), \"a # b\", 256x512, true)")]
    public void Operators_bind_as_the_manual_says(string text, string shape)
    {
        var source = new SourceText("t.mtl", "let x = " + text + "\n");
        var diagnostics = new DiagnosticBag();
        var value = ((FileLetSyntax)Assert.Single(SyntaxTree.Parse(source, diagnostics).Declarations)).Let.Value;
        Assert.Empty(diagnostics.ToSorted());
        Assert.Equal(text, value.Span.Text);
        Assert.Equal(shape, Shape(value));
    }

    [Fact]
    public void Statements_carry_their_parts_and_places()
    {
        var model = Assert.IsType<ModelSyntax>(
            Parse(
                """
                model m {
                  task edges: contour of semseg { auxiliary: true }
                  decoder d: a.layer3 + b + skip trunk/4 + skip trunk/2 -> semseg, depth { at: 4, optimizer.lr: 3 }
                  loss: l1(a)
                }
                """
            ).Declarations[0]
        );
        var task = Assert.IsType<TaskSyntax>(model.Statements[0]);
        Assert.Equal(("edges", "contour", "semseg"), (task.Name.Text, task.Kind.Text, task.Of!.Text));
        Assert.Equal("task edges: contour of semseg { auxiliary: true }", task.Span.Text);
        var decoder = Assert.IsType<DecoderSyntax>(model.Statements[1]);
        Assert.Equal(["a.layer3", "b"], decoder.Summands.Select(s => s.ToString()));
        Assert.Equal(["trunk/4", "trunk/2"], decoder.Skips.Select(s => s.ToString()));
        Assert.Equal(["semseg", "depth"], decoder.Tasks.Select(t => t.Text));
        Assert.Equal(["at", "optimizer.lr"], decoder.Settings!.Items.Select(s => s.Key.ToString()));
        Assert.Equal("{ at: 4, optimizer.lr: 3 }", decoder.Settings.Span.Text);
        Assert.Equal(new LinePosition(3, 14), decoder.Summands[0].Span.Position);
        Assert.Equal("l1(a)", Assert.IsType<LossSyntax>(model.Statements[2]).Value.Span.Text);
    }

    [Theory]
    [InlineData("set trunk.dilate.2 = true", "trunk", "dilate", "2")]
    [InlineData("set a.0.1.b = true", "a", "0", "1", "b")]
    [InlineData("set train.return = 3", "train", "return")]
    public void Paths_are_words_and_indices(string text, params string[] parts) =>
        Assert.Equal(parts, Assert.IsType<SetSyntax>(Parse(text).Declarations[0]).Path.Parts.Select(p => p.Span.Text));

    [Fact]
    public void A_broken_value_stands_in_the_tree_as_an_error_beside_its_name()
    {
        var diagnostics = new DiagnosticBag();
        var tree = SyntaxTree.Parse(new SourceText("t.mtl", "let a = 1 +\ntrain { batch: *, seed: 3 }\n"), diagnostics);
        Assert.Equal(2, diagnostics.Count);
        Assert.IsType<ErrorExpressionSyntax>(((FileLetSyntax)tree.Declarations[0]).Let.Value);
        var settings = ((RecipeSyntax)tree.Declarations[1]).Settings.Items;
        Assert.IsType<ErrorExpressionSyntax>(settings[0].Value);
        Assert.IsType<NumberSyntax>(settings[1].Value);
    }

    [Theory]
    [InlineData("\uFEFFlet a = 1\r\nlet b = 2\r\n", 2)]
    [InlineData("let a = 1\rlet b = 2", 2)]
    [InlineData("\tlet a = 1\t# comment\n\tlet b = 2", 2)]
    [InlineData("", 0)]
    [InlineData("# only a comment", 0)]
    public void Line_ends_tabs_and_byte_order_marks_are_no_matter(string text, int declarations) =>
        Assert.Equal(declarations, Parse(text).Declarations.Length);

    [Fact]
    public void A_column_counts_characters_and_a_tab_is_one()
    {
        var diagnostics = new DiagnosticBag();
        SyntaxTree.Parse(new SourceText("t.mtl", "let a = 1\r\n\tlet b = ?\r\n"), diagnostics);
        Assert.Equal(new LinePosition(2, 10), diagnostics.ToSorted()[0].Span.Position);
    }

    /// <summary>We run without ICU, so a culture that writes 1.234,5 is made by hand.</summary>
    [Fact]
    public void The_user_s_culture_changes_nothing()
    {
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator, german.NumberFormat.NegativeSign) =
            (",", ".", "\u2212");
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = german;
            var let = (FileLetSyntax)Parse("let weight = 1234.5\nIMPORT \"x\"", expected: 1).Declarations[0];
            Assert.Equal(1234.5, Assert.IsType<NumberSyntax>(let.Let.Value).Value);
            Assert.Equal("imagenet", Suggestions.Closest("IMAGENET", ["imagenet", "none"]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    static FileSyntax Parse(string text, int expected = 0)
    {
        var diagnostics = new DiagnosticBag();
        var tree = SyntaxTree.Parse(new SourceText("t.mtl", text), diagnostics);
        Assert.Equal(expected, diagnostics.Count);
        return tree;
    }

    static string Shape(SyntaxNode node) =>
        node switch
        {
            NumberSyntax n => n.Value.ToString(CultureInfo.InvariantCulture),
            SizeSyntax s => $"{s.Height}x{s.Width}",
            StringSyntax s => $"\"{s.Value}\"",
            BooleanSyntax b => b.Value ? "true" : "false",
            ReferenceSyntax r => r.Name.Text,
            CallSyntax c => $"{c.Name}({Joined(c.Arguments)})",
            ArgumentSyntax { Name: { } name } a => $"{name}: {Shape(a.Value)}",
            ArgumentSyntax a => Shape(a.Value),
            ListSyntax l => $"[{Joined(l.Items)}]",
            ComprehensionSyntax c => $"[for {c.Variable} in {Shape(c.Items)}: {Shape(c.Element)}]",
            PipeSyntax p => $"{Shape(p.Input)} |> {string.Join(" |> ", p.Stages.Select(Shape))}",
            CallStageSyntax c => Shape(c.Call),
            LoopStageSyntax l => $"for {l.Variable} in {Shape(l.Items)}: {Shape(l.Body)}",
            UnarySyntax u => $"({u.Operator.Text()} {Shape(u.Operand)})",
            BinarySyntax b => $"({Shape(b.Left)} {b.Operator.Text()} {Shape(b.Right)})",
            ConditionalSyntax c => $"if {Shape(c.Condition)} then {Shape(c.Then)} else {Shape(c.Else)}",
            IndexSyntax i => $"{Shape(i.Target)}[{Shape(i.Index)}]",
            MemberSyntax m => $"{Shape(m.Target)}.{m.Member}",
            ParenthesizedSyntax p => $"({Shape(p.Inner)})",
            ConfiguredSyntax c => $"{(c.Head is null ? "" : Shape(c.Head) + " ")}{{ "
                + $"{string.Join(", ", c.Settings.Items.Select(s => $"{s.Key}: {Shape(s.Value)}"))} }}",
            _ => node.GetType().Name,
        };

    static string Joined(IEnumerable<SyntaxNode> nodes) => string.Join(", ", nodes.Select(Shape));
}
