using System.Text;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Tests.Diagnostics;

/// <summary>Programs too long to be files: each ends in one diagnostic, or compiles; none overflows a stack or runs on and
/// on.</summary>
public class AbsurdProgramTests
{
    const string Network = """
        model net {
          task depth: depth
          encoder trunk: resnet18
          decoder head: BODY -> depth
          LETS
          loss: l2(depth)
        }

        """;

    public static TheoryData<string, string> Wrong =>
        new()
        {
            { "MTL1027", With("trunk", $"let x = {Repeated("(", 20_000)}1{Repeated(")", 20_000)}") },
            { "MTL1027", With("trunk", $"let x = {Repeated("[", 20_000)}1{Repeated("]", 20_000)}") },
            { "MTL1027", With("x", $"let x = {Repeated("relu(", 20_000)}trunk{Repeated(")", 20_000)}") },
            { "MTL1028", With("x", $"let x = trunk{Repeated(" |> relu", 20_000)}") },
            { "MTL2031", With("x", "let x = trunk |> for i in range(1000000000): relu") },
            { "MTL2031", With("x", "let x = trunk |> for i in range(10000): for j in range(10000): relu") },
            { "MTL2031", With("x", "let x = [for i in range(10000): [for j in range(10000): relu(trunk)]]") },
            { "MTL2031", With("f9999(trunk)", "", Chain(10_000, i => $"component f{i}(x) {{ return f{i - 1}(x) }}")) },
            { "MTL2031", With("f30(trunk)", "", Chain(31, i => $"component f{i}(x) {{ return f{i - 1}(f{i - 1}(x)) }}")) },
            { "MTL2031", With("trunk", "let y = if a30 == b30 then 1 else 2", Doubled("a") + Doubled("b")) },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Absurd_programs_end_in_one_error(string code, string program)
    {
        var errors = Programs.Compile(program).Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
        Assert.Equal(code, Assert.Single(errors).Code);
    }

    [Fact]
    public void A_chain_of_ten_thousand_boxes_compiles()
    {
        var boxes = new StringBuilder("attention a0: trunk\n");
        for (var i = 1; i < 10_000; i++)
            boxes.Append(System.Globalization.CultureInfo.InvariantCulture, $"  let a{i} = relu(a{i - 1})\n");
        var program = Programs.Valid(Programs.Compile(With("a9999", boxes.ToString())));
        Assert.Equal(9_999, program.Model.Training.Nodes.Count(n => n.Op is Compiler.Ops.Relu && n.Declaration[0] == 'a'));
    }

    [Fact]
    public void A_chain_of_boxes_that_bites_its_tail_is_one_cycle()
    {
        var boxes = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"  let a{i} = relu(a{(i + 1) % 5_000})\n"));
        var compilation = Programs.Compile(With("a0", boxes));
        Assert.Equal("MTL2011", Assert.Single(compilation.Diagnostics, d => d.Severity == Severity.Error).Code);
    }

    [Fact]
    public void A_chain_of_ten_thousand_lets_of_a_file_is_followed_to_its_end()
    {
        var lets = "let a0 = 0.5\n" + string.Concat(Enumerable.Range(1, 9_999).Select(i => $"let a{i} = a{i - 1}\n"));
        var text = With("trunk", "", lets).Replace("l2(depth)", "a9999 * l2(depth)", StringComparison.Ordinal);
        Assert.NotNull(Programs.Compile(text).Program);
    }

    [Fact]
    public void More_mistakes_than_anyone_reads_are_counted()
    {
        var text = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"set x{i}.y = 3\n"));
        var compilation = Programs.Compile(text);
        Assert.Equal(DiagnosticBag.Limit, compilation.Diagnostics.Length);
        Assert.Equal(5_000 - DiagnosticBag.Limit, compilation.Suppressed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("# nothing")]
    public void No_program_is_one_error(string text) =>
        Assert.Equal("MTL2012", Assert.Single(Programs.Compile(text).Diagnostics).Code);

    [Theory]
    [InlineData("train.batch")]
    [InlineData("train.batch=")]
    [InlineData("=3")]
    [InlineData("")]
    [InlineData("train.batch=4 }")]
    [InlineData("train.batch=\"four\"")]
    [InlineData("nothing.batch=4")]
    [InlineData("train.batch=0")]
    [InlineData("trunk.dilate.5=true")]
    public void A_wrong_set_of_the_command_line_is_an_error_in_its_own_text(string set)
    {
        var compilation = Programs.Compile(With("trunk", ""), set);
        Assert.Null(compilation.Program);
        Assert.All(
            compilation.Diagnostics.Where(d => d.Severity == Severity.Error),
            d => Assert.Equal("--set", d.Span.Source.Path)
        );
    }

    static string With(string body, string lets, string behind = "") =>
        body.Contains('(', StringComparison.Ordinal)
            ? With("body", $"let body = {body}\n{lets}", behind)
            : Network.Replace("BODY", body, StringComparison.Ordinal).Replace("LETS", lets, StringComparison.Ordinal) + behind;

    static string Chain(int length, Func<int, string> link) =>
        "component f0(x) { return relu(x) }\n" + string.Join('\n', Enumerable.Range(1, length - 1).Select(link)) + "\n";

    /// <summary>Lists of two lists of two lists ...</summary>
    static string Doubled(string name) =>
        $"let {name}0 = 0\n"
        + string.Concat(Enumerable.Range(1, 30).Select(i => $"let {name}{i} = [{name}{i - 1}, {name}{i - 1}]\n"));

    static string Repeated(string piece, int times) => string.Concat(Enumerable.Repeat(piece, times));
}
