using CsCheck;
using Mtlc.Compiler;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Diagnostics;

/// <summary>Programs with words exchanged, numbers made absurd and lines lost, through the whole compiler.</summary>
public class ProgramMutationTests
{
    private static readonly (string Text, string Folder)[] Texts =
    [
        .. Directory.EnumerateFiles(Path.Combine(Programs.Root, "examples"), "*.mtl").Order(StringComparer.Ordinal)
            .Select(f => (File.ReadAllText(f), Path.GetDirectoryName(f)!)),
        .. Directory.EnumerateFiles(Programs.Cases("syntax"), "*.mtl").Order(StringComparer.Ordinal)
            .Select(f => (File.ReadAllText(f), Path.GetDirectoryName(f)!)),
        .. Directory.EnumerateFiles(Programs.Cases("wrong"), "*.mtl").Order(StringComparer.Ordinal).Where(f => !f.Contains("explodes", StringComparison.Ordinal))
            .Select(f => (File.ReadAllText(f), Path.GetDirectoryName(f)!)),
    ];

    private static readonly string[] Words =
    [
        "trunk", "semseg", "depth", "context", "image", "none", "true", "0", "-1", "2.5", "1e30", "1000000", "[]", "[1, 2]", "\"x\"", "256x512", "0.5..2",
        "conv(trunk, 8)", "range(5)", "relu", "resnet18", "aspp", "trunk/4", "trunk.layer2", "l2(depth)", "uncertainty(l2(depth), l1(depth))", "length([1])",
        "x |> for i in range(2): conv(8)", "[for i in range(3): i]", "if true then 1 else 2", "adam { lr: 1 }", "{ lr: 1 }", "per([1], 0)", "unknown", "f(x)",
    ];

    private static readonly Gen<(string Text, string Folder)> Mutated =
        from text in Gen.Int[0, Texts.Length - 1].Select(i => Texts[i])
        from edits in Gen.Select(Gen.Int[0, 5], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Int[0, Words.Length - 1].Select(i => Words[i])).Array[1, 4]
        select (edits.Aggregate(text.Text, (t, e) => Edited(t, e.Item1, e.Item2, e.Item3, e.Item4)), text.Folder);

    [Fact]
    public void Mutated_programs_compile_or_say_why() => Samples.All(Mutated, 3_000, m => Check(m.Text, m.Folder));

    private static void Check(string text, string folder)
    {
        var compilation = Compilation.Compile(new SourceText("mutated.mtl", text), Programs.Imports(folder));
        Assert.Equal(compilation.Program is null, compilation.Diagnostics.Any(d => d.Severity == Severity.Error) || compilation.Suppressed > 0);
        foreach (var diagnostic in compilation.Diagnostics)
        {
            InText(diagnostic.Span);
            Assert.All(diagnostic.Notes, n => InText(n.Span ?? diagnostic.Span));
            Assert.False(diagnostic.Span.Source.Path.StartsWith("std/", StringComparison.Ordinal), $"{diagnostic.Code} stands in the library");
            Assert.DoesNotContain("Mtlc.", diagnostic.Message, StringComparison.Ordinal);
        }
        Assert.NotNull(Programs.Text(compilation));
    }

    private static void InText(SourceSpan span)
    {
        Assert.InRange(span.Start, 0, span.Source.Content.Length);
        Assert.InRange(span.Length, 0, span.Source.Content.Length - span.Start);
    }

    /// <summary>Works on words and lines, so that most results still parse.</summary>
    private static string Edited(string text, int edit, double at, double other, string word)
    {
        var tokens = System.Text.RegularExpressions.Regex.Matches(text, @"[A-Za-z_]\w*|\d[\w.]*|[^\s\w]+").ToList();
        if (tokens.Count == 0)
            return text + word;
        var first = tokens[(int)(at * (tokens.Count - 1))];
        var second = tokens[(int)(other * (tokens.Count - 1))];
        var lines = text.Split('\n').ToList();
        switch (edit)
        {
            case 0:
                return Replaced(text, first, word);
            case 1:
                return Replaced(text, first, second.Value);
            case 2:
                return text.Remove(first.Index, first.Length);
            case 3:
                lines.RemoveAt((int)(at * (lines.Count - 1)));
                return string.Join('\n', lines);
            case 4:
                lines.Insert((int)(at * (lines.Count - 1)), lines[(int)(other * (lines.Count - 1))]);
                return string.Join('\n', lines);
            default:
                return Replaced(text, first, first.Value.Length > 2 ? first.Value[1] + first.Value[..1] + first.Value[2..] : word);
        }
    }

    private static string Replaced(string text, System.Text.RegularExpressions.Match token, string by) =>
        text.Remove(token.Index, token.Length).Insert(token.Index, by);
}
