using CsCheck;
using Mtlc.Compiler;
using Mtlc.Compiler.Planning;
using Mtlc.Compiler.Views;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Fuzz;

/// <summary>Programs with words exchanged, numbers made absurd and lines lost, through the whole compiler.</summary>
public class ProgramFuzz
{
    static readonly (string Text, string Folder)[] Texts =
    [
        .. Seeds.In("examples"),
        .. Seeds.In("tests/cases/syntax"),
        // Without the one that doubles twenty times: each of its children takes a second to come to the limit.
        .. Seeds.In("tests/cases/wrong").Where(s => !s.Text.Contains("component f20", StringComparison.Ordinal)),
    ];

    static readonly string[] Words =
    [
        "trunk",
        "semseg",
        "depth",
        "context",
        "image",
        "none",
        "true",
        "0",
        "-1",
        "2.5",
        "1e30",
        "1000000",
        "[]",
        "[1, 2]",
        "\"x\"",
        "256x512",
        "0.5..2",
        "conv(trunk, 8)",
        "range(5)",
        "relu",
        "resnet18",
        "aspp",
        "trunk/4",
        "trunk.layer2",
        "l2(depth)",
        "uncertainty(l2(depth), l1(depth))",
        "length([1])",
        "1e308",
        "2147483647",
        "4294967296",
        "99999999999999999999",
        "64x0",
        "range(1000000000)",
        "true",
        "x |> for i in range(2): conv(8)",
        "[for i in range(3): i]",
        "if true then 1 else 2",
        "adam { lr: 1 }",
        "{ lr: 1 }",
        "per([1], 0)",
        "unknown",
        "f(x)",
    ];

    static readonly Gen<(string Text, string Folder)> Mutated =
        from text in Gen.Int[0, Texts.Length - 1].Select(i => Texts[i])
        from edits in Gen.Select(
            Gen.Int[0, 5],
            Gen.Double[0, 1],
            Gen.Double[0, 1],
            Gen.Int[0, Words.Length - 1].Select(i => Words[i])
        ).Array[1, 4]
        select (edits.Aggregate(text.Text, (t, e) => Edited(t, e.Item1, e.Item2, e.Item3, e.Item4)), text.Folder);

    [Fact]
    public void Mutated_programs_compile_or_say_why() =>
        Fuzzing.Run("program", Mutated, 2_000, m => Check(m.Text, m.Folder), m => m.Text);

    static void Check(string text, string folder)
    {
        var compilation = Compilation.Compile(new SourceText("mutated.mtl", text), Seeds.Imports(folder));
        Assert.Equal(
            compilation.Program is null,
            compilation.Diagnostics.Any(d => d.Severity == Severity.Error) || compilation.Suppressed > 0
        );
        foreach (var diagnostic in compilation.Diagnostics)
        {
            InText(diagnostic.Span);
            Assert.All(diagnostic.Notes, n => InText(n.Span ?? diagnostic.Span));
            Assert.False(
                diagnostic.Span.Source.Path.StartsWith("std/", StringComparison.Ordinal),
                $"{diagnostic.Code} stands in the library"
            );
            Assert.DoesNotContain("Mtlc.", diagnostic.Message, StringComparison.Ordinal);
        }
        Assert.NotNull(DiagnosticText.Of(compilation.Diagnostics, compilation.Suppressed, DiagnosticFormat.Human));
        if (compilation.Program is { } program)
            Written(program);
    }

    /// <summary>What other verbs make of a program that `check` calls good.</summary>
    static void Written(CompiledProgram program)
    {
        var crop = program.Data.Augment.Crop;
        Assert.NotEmpty(TextDump.Write(program.Model.TrainingStep));
        Assert.NotEmpty(Svg.Write(program.Model, program.Model.Inference));
        Assert.NotEmpty(Dot.Write(program.Model.Training));
        Assert.NotEmpty(Annotation.Write(program.Model));
        Assert.NotEmpty(Summary.Of(program.Model, crop).Declarations);
        Assert.True(MemoryPlan.Of(program, program.Train.Batch, crop).Training.Peak > 0);
        Assert.NotEmpty(RecipeDigest.Of(program).Run);
    }

    static void InText(SourceSpan span)
    {
        Assert.InRange(span.Start, 0, span.Source.Content.Length);
        Assert.InRange(span.Length, 0, span.Source.Content.Length - span.Start);
    }

    /// <summary>Works on words and lines, so that most results still parse.</summary>
    static string Edited(string text, int edit, double at, double other, string word)
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
                return Replaced(
                    text,
                    first,
                    first.Value.Length > 2 ? first.Value[1] + first.Value[..1] + first.Value[2..] : word
                );
        }
    }

    static string Replaced(string text, System.Text.RegularExpressions.Match token, string by) =>
        text.Remove(token.Index, token.Length).Insert(token.Index, by);
}
