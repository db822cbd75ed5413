using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Syntax;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Parsing;

/// <summary>Absurd texts end in one diagnostic, not in an overflown stack, which nothing could catch.</summary>
public class LimitTests
{
    const int Many = 20_000;

    public static TheoryData<string, string> Absurd =>
        new()
        {
            { "let x = " + Repeated("(") + "1" + Repeated(")"), "MTL1027" },
            { "let x = " + Repeated("["), "MTL1027" },
            { "let x = " + Repeated("f(") + Repeated(")"), "MTL1027" },
            { "train { a: " + Repeated("{ a: ") + Repeated("}") + "}", "MTL1027" },
            { "train { a: " + Repeated("x { a: "), "MTL1027" },
            { "let x = a" + Repeated("[a") + Repeated("]"), "MTL1027" },
            { "let x = " + Repeated("- ") + "1", "MTL1027" },
            { "let x = " + Repeated("not ") + "true", "MTL1027" },
            { "let x = " + Repeated("if a then b else ") + "c", "MTL1027" },
            { "let x = " + Repeated("if ") + "c", "MTL1027" },
            { "let x = a |> " + Repeated("for i in a: ") + "f", "MTL1027" },
            { "let x = " + Repeated("1 + ") + "1", "MTL1028" },
            { "let x = " + Repeated("1 * 1 - ") + "1", "MTL1028" },
            { "let x = a" + Repeated(" |> f"), "MTL1028" },
            { "let x = a" + Repeated(".b"), "MTL1028" },
            { "let x = a" + Repeated("[0]"), "MTL1028" },
            { "let x = " + Repeated("(", 150) + "1" + Repeated(" + 1 + 1 + 1)", 150), "MTL1027" },
            { "model m {\n  let x = " + Repeated("(") + "1" + Repeated(")") + "\n  loss: l1(a)\n}", "MTL1027" },
        };

    [Theory]
    [MemberData(nameof(Absurd))]
    public void Absurd_nesting_is_one_diagnostic(string text, string code)
    {
        // The least stack that a platform gives a thread of its own by default is 512 KiB (macOS).
        Diagnostic[] found = [];
        var thread = new Thread(() => found = [.. Parse(text + "\nlet after = 3\n").Diagnostics.ToSorted()], 512 * 1024);
        thread.Start();
        thread.Join();
        Assert.Equal(code, Assert.Single(found).Code);
    }

    [Fact]
    public void What_people_may_write_is_within_the_limits()
    {
        var text =
            "let a = "
            + Repeated("(", 100)
            + "1"
            + Repeated(")", 100)
            + "\nlet b = 1"
            + Repeated(" + 1", 400)
            + "\nlet c = x"
            + Repeated(" |> f", 400)
            + "\nlet d = "
            + Repeated("if a then b else ", 100)
            + "c"
            + "\nlet e = ["
            + Repeated("1, ", 50_000)
            + "1]\n";
        var (tree, diagnostics) = Parse(text);
        Assert.Empty(diagnostics.ToSorted());
        var chain = Assert.IsType<PipeSyntax>(((FileLetSyntax)tree.Declarations[2]).Let.Value);
        Assert.Equal(400, chain.Stages.Length);
        var list = Assert.IsType<ListSyntax>(((FileLetSyntax)tree.Declarations[4]).Let.Value);
        Assert.Equal(50_001, list.Items.Length);
    }

    [Fact]
    public void What_stands_behind_something_too_deep_is_still_read()
    {
        var (tree, _) = Parse("let x = " + Repeated("(") + "1" + Repeated(")") + "\nlet y = 3\n");
        Assert.IsType<NumberSyntax>(((FileLetSyntax)tree.Declarations[^1]).Let.Value);
    }

    [Fact]
    public void A_file_too_large_is_not_read()
    {
        var (tree, diagnostics) = Parse(new string(' ', SyntaxLimits.FileLength + 1));
        Assert.Equal("MTL1025", Assert.Single(diagnostics.ToSorted()).Code);
        Assert.Empty(tree.Declarations);
    }

    [Fact]
    public void A_picture_is_not_read()
    {
        var (_, diagnostics) = Parse("\u0089PNG\r\n\u001A\n\0\0\0\rIHDR");
        Assert.Equal("MTL1026", Assert.Single(diagnostics.ToSorted()).Code);
    }

    [Theory]
    [InlineData("@ ")]
    [InlineData("} ")]
    [InlineData("( ")]
    [InlineData("{ ] ")]
    [InlineData("task a: depth\n")]
    [InlineData("component a(x) { }\n")]
    [InlineData("x = 1\n")]
    [InlineData("\"\n")]
    [InlineData("let let = ")]
    public void A_large_file_full_of_mistakes_is_read_to_its_end(string mistake)
    {
        var (_, diagnostics) = Parse(string.Concat(Enumerable.Repeat(mistake, 200_000 / mistake.Length)));
        Assert.True(diagnostics.HasErrors);
    }

    static string Repeated(string piece, int times = Many) => string.Concat(Enumerable.Repeat(piece, times));

    static (FileSyntax Tree, DiagnosticBag Diagnostics) Parse(string text)
    {
        var diagnostics = new DiagnosticBag();
        return (SyntaxTree.Parse(new SourceText("absurd.mtl", text), diagnostics), diagnostics);
    }
}
