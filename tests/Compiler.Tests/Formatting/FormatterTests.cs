using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Formatting;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Formatting;

/// <summary>One layout: it changes nothing that a program says, loses no comment, and is its own layout.</summary>
public class FormatterTests
{
    static readonly FormatStyle Style = new();

    /// <summary>Every program of the repository, good or wrong, by its path.</summary>
    public static TheoryData<string> All => new(Files("tests/cases").Concat(Files("examples")).Concat(Files("src/Compiler/Std")));

    public static TheoryData<string> Laid => new(Files("examples").Concat(Files("src/Compiler/Std")));

    [Theory]
    [MemberData(nameof(Laid))]
    public void Examples_and_the_library_are_laid_out(string path) =>
        Assert.Equal(Read(path).Content, Formatter.Format(Read(path), Style, new()));

    [Theory]
    [MemberData(nameof(All))]
    public void The_tree_stays_and_twice_is_once(string path)
    {
        var source = Read(path);
        foreach (var style in new[] { Style, new FormatStyle(FormatStyle.Narrowest, 4), new FormatStyle(80, 1) })
            Layouts.Check(source, style);
    }

    [Theory]
    [InlineData(
        "set  a=1\nset  long.path   =   2\n\n\n\nlet x=-  1 # why\n",
        "set a         = 1\nset long.path = 2\n\nlet x = -1 # why\n"
    )]
    [InlineData(
        "model m{task a:depth\ntask bc :segmentation{classes:3}}",
        "model m {\n  task a:  depth\n  task bc: segmentation { classes: 3 }\n}\n"
    )]
    [InlineData(
        "# top\n\n\n# second\nmodel m {\n\n  # first\n  task a: depth # behind\n\n  # last\n}\n# end",
        "# top\n\n# second\nmodel m {\n  # first\n  task a: depth # behind\n\n  # last\n}\n# end\n"
    )]
    [InlineData("train {\n  a: 1, b: 2,\n  c: 3,\n}\n", "train {\n  a: 1, b: 2\n  c: 3\n}\n")]
    [InlineData("train { a: 1,\n  b: 2 }", "train { a: 1, b: 2 }\n")]
    [InlineData("train { a: 1, # one\n  b: 2 }", "train {\n  a: 1 # one\n  b: 2\n}\n")]
    [InlineData("let x = f(a, # one\n  # own\n  b,)", "let x = f(\n  a, # one\n  # own\n  b\n)\n")]
    [InlineData("let # odd\nx = 1", "let # odd\n  x = 1\n")]
    [InlineData(
        "component f( x,y=2 ){ return x|>g(y)|>for i in 0 .. 3:h( i ) }",
        "component f(x, y = 2) { return x |> g(y) |> for i in 0..3: h(i) }\n"
    )]
    [InlineData("component f(x) { let a=x  return a }", "component f(x) {\n  let a = x\n  return a\n}\n")]
    [InlineData("sweep s{\n a:[1]\n bcd:[2,3] with e:[4,5]\n}", "sweep s {\n  a:   [1]\n  bcd: [2, 3] with e: [4, 5]\n}\n")]
    [InlineData("let a = 1 # x\nlet b = 22 # y\n# z\nlet c = 333 # w", "let a = 1  # x\nlet b = 22 # y\n# z\nlet c = 333 # w\n")]
    [InlineData("let a = f(trunk/4, x / 2)", "let a = f(trunk/4, x / 2)\n")]
    [InlineData(
        "model m { decoder a: x+y->t\ndecoder bc: xyz + v + skip w/4 -> u, t { convs: 1 } }",
        "model m {\n  decoder a:  x   + y            -> t\n  decoder bc: xyz + v + skip w/4 -> u, t { convs: 1 }\n}\n"
    )]
    [InlineData("let a,b=f( x )\nlet cd , e = g(x)", "let a, b  = f(x)\nlet cd, e = g(x)\n")]
    [InlineData(
        "model m { decoder a:[x/4,y . z[ -2 ]]+skip w->t\nshare  s:f{ out:3 }\nexchange ex:a,b  at l1 , l2 [ 3 ][ - 1 ]{using:s} }",
        "model m {\n  decoder a: [x/4, y.z[-2]] + skip w -> t\n  share s: f { out: 3 }\n  exchange ex: a, b at l1, l2[3][-1] { "
            + "using: s }\n}\n"
    )]
    [InlineData("", "")]
    [InlineData("\n\n", "")]
    [InlineData("# a\r\nlet x=1\r\n", "# a\r\nlet x = 1\r\n")]
    public void A_layout_is_as_people_write(string text, string expected) =>
        Assert.Equal(expected, Formatter.Format(new("t.mtl", text), Style, new()));

    [Fact]
    public void What_is_too_wide_is_broken_at_its_outermost_brackets()
    {
        const string text = """
            let x = concat(conv(first_features, 256, kernel: 3), conv(second_features, 256))
            let y = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
            let z = first_weight * second_weight + third_weight * fourth_weight
            """;
        Assert.Equal(
            """
            let x = concat(
              conv(first_features, 256, kernel: 3),
              conv(second_features, 256)
            )
            let y = [
              1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
              13, 14, 15, 16
            ]
            let z = first_weight * second_weight
              + third_weight * fourth_weight

            """,
            Formatter.Format(new("t.mtl", text), new(40), new())
        );
    }

    [Fact]
    public void What_does_not_parse_has_no_layout()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(Formatter.Format(new("t.mtl", "let x = (1\n"), Style, diagnostics));
        Assert.True(diagnostics.HasErrors);
    }

    static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Programs.Root, folder), "*.mtl", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Programs.Root, f))
            .Order(StringComparer.Ordinal);

    static SourceText Read(string path) => new(path, File.ReadAllText(Path.Combine(Programs.Root, path)));
}
