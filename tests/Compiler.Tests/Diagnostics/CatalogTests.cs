using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Parsing;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Diagnostics;

/// <summary>Every code that the source can report is explained, with a wrong example that gets this code alone and a right one
/// that gets none.</summary>
public partial class CatalogTests
{
    /// <summary>How the examples of a phase are checked, by the first letters of its codes.</summary>
    static readonly Dictionary<string, Action<SourceText, DiagnosticBag>> Checks = new()
    {
        ["MTL1"] = (source, diagnostics) => SyntaxTree.Parse(source, diagnostics),
        ["MTL2"] = Compiled,
        ["MTL3"] = Compiled,
        ["MTL4"] = Compiled,
        ["MTL6"] = Compiled,
    };

    public static TheoryData<string> Codes => new(DiagnosticCatalog.Codes);

    /// <summary>Of the phases above; a phase that is added there must explain all its codes.</summary>
    [Fact]
    public void Every_code_in_the_source_is_explained_and_the_reverse()
    {
        var used = Directory
            .EnumerateFiles(Path.Combine(Repository(), "src"), "*Errors*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Code().Matches(File.ReadAllText(f)).Select(m => m.Value))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.Empty(DiagnosticCatalog.Codes.Except(used));
        Assert.Empty(used.Where(c => Checks.ContainsKey(c[..4])).Except(DiagnosticCatalog.Codes));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void An_explanation_has_a_title_and_both_examples(string code)
    {
        var text = DiagnosticCatalog.Explain(code)!;
        Assert.StartsWith($"# {code}: ", text, StringComparison.Ordinal);
        Assert.NotNull(Example(text, "Wrong"));
        Assert.NotNull(Example(text, "Right"));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_wrong_example_gets_this_code_alone_and_the_right_one_none(string code)
    {
        var text = DiagnosticCatalog.Explain(code)!;
        if (!Checks.TryGetValue(code[..4], out var check))
            return;
        Assert.Empty(Found(Example(text, "Right")!.Value.Text, check));
        var (language, wrong) = Example(text, "Wrong")!.Value;
        if (language == "mtl")
            Assert.Equal([code], Found(wrong, check));
    }

    [Theory]
    [InlineData("mtl1001")]
    [InlineData("1001")]
    [InlineData(" MTL1001 ")]
    public void A_code_may_be_written_as_people_do(string code) =>
        Assert.StartsWith("# MTL1001", DiagnosticCatalog.Explain(code), StringComparison.Ordinal);

    [Theory]
    [InlineData("MTL0000")]
    [InlineData("")]
    [InlineData("../MTL1001")]
    public void An_unknown_code_has_no_explanation(string code) => Assert.Null(DiagnosticCatalog.Explain(code));

    static void Compiled(SourceText source, DiagnosticBag diagnostics)
    {
        foreach (var diagnostic in Compiler.Compilation.Compile(source).Diagnostics)
            diagnostics.Add(diagnostic);
    }

    static IEnumerable<string> Found(string text, Action<SourceText, DiagnosticBag> check)
    {
        var diagnostics = new DiagnosticBag();
        check(new SourceText("example.mtl", text), diagnostics);
        return diagnostics.ToSorted().Select(d => d.Code);
    }

    static (string Language, string Text)? Example(string text, string heading)
    {
        var match = Regex.Match(
            text,
            $@"^## {heading}\n\n```(\w+)\n(.*?)^```$",
            RegexOptions.Multiline | RegexOptions.Singleline
        );
        return match.Success ? (match.Groups[1].Value, match.Groups[2].Value) : null;
    }

    static string Repository([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));

    [GeneratedRegex(@"MTL\d{4}")]
    private static partial Regex Code();
}
