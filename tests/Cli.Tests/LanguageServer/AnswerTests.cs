using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Features;
using Mtlc.LanguageServer.Protocol;
using Mtlc.Tests.Infrastructure;

namespace Mtlc.Tests.LanguageServer;

/// <summary>Right answers, place by place: tests/cases/editor/answers.txt says what is asked where, and what the answer must
/// hold.</summary>
public sealed class AnswerTests
{
    public static TheoryData<string> Questions =>
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "tests", "cases", "editor", "answers.txt"))
                .Where(l => l.Length > 0 && l[0] != '%'),
        ];

    [Theory]
    [MemberData(nameof(Questions))]
    public void The_answer_is_right(string line)
    {
        var parts = line.Split(" | ");
        var (what, name, place, expected) = (
            parts[0],
            parts[1],
            parts[2].Replace("\\n", "\n", StringComparison.Ordinal),
            parts[3]
        );
        var original = Workspace.Files[name].ReplaceLineEndings("\n");
        // "replaced => typed¦": the line as somebody types it.
        var typed = place.Split(" => ");
        var text =
            typed.Length == 1
                ? original
                : original.Replace(typed[0], typed[1].Replace("¦", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var file = Workspace.Analyse(name, text);
        var offset =
            typed.Length == 1
                ? Workspace.Offset(text, place)
                : original.IndexOf(typed[0], StringComparison.Ordinal) + typed[1].IndexOf('¦', StringComparison.Ordinal);

        var answer = what switch
        {
            "hover" => Hovering.At(file, offset)?.Contents.Value ?? "nothing",
            "definition" => string.Join(", ", References.Definition(file, offset).Select(Written).DefaultIfEmpty("nothing")),
            "references" => string.Join(
                ", ",
                References
                    .Of(file, offset, true, CancellationToken.None)
                    .Select(l => $"{Path.GetFileName(l.Uri)}:{l.Range.Start.Line + 1}")
                    .DefaultIfEmpty("nothing")
            ),
            "completion" => string.Join(
                ", ",
                Completion
                    .At(file, offset)
                    .Items.Select(i => i.Detail is null ? i.Label : $"{i.Label} ({i.Detail})")
                    .DefaultIfEmpty("nothing")
            ),
            "signature" => SignatureHelping.At(file, offset) is { } help
                ? $"{help.Signatures[0].Label} #{help.ActiveParameter}"
                : "nothing",
            "hint" => string.Join(
                ", ",
                InlayHints
                    .Of(file, new(default, new(1000, 0)))
                    .Where(h => h.Position.Line == file.Source.PositionOf(offset).Line)
                    .Select(h => h.Label)
                    .DefaultIfEmpty("nothing")
            ),
            _ => throw new InvalidOperationException(what),
        };

        if (expected.StartsWith("not ", StringComparison.Ordinal))
            Assert.DoesNotContain(expected[4..], answer, StringComparison.Ordinal);
        else
            Assert.Contains(expected, answer.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    /// <summary>The library's lines move: what stands there is told instead.</summary>
    static string Written(Location place)
    {
        var (name, start) = (Path.GetFileName(place.Uri), place.Range.Start);
        return place.Uri.StartsWith("file:///library/", StringComparison.Ordinal)
            ? $"{name} "
                + $"{Mtlc.Compiler.Binding.StandardLibrary.Sources.First(s => s.Path.EndsWith($"/{name}", StringComparison.Ordinal)).Line(start.Line + 1)[start.Character..]}"
            : $"{name}:{start.Line + 1}:{start.Character + 1}";
    }

    /// <summary>Wherever a cursor may stand in any example; in published networks and the report's, at every
    /// eleventh place.</summary>
    [Fact]
    public void Every_position_of_every_example_has_an_answer()
    {
        var examples = Path.Combine(Repository.Root, "examples");
        var files = Directory
            .EnumerateFiles(examples, "*.mtl", SearchOption.AllDirectories)
            .ToDictionary(
                f => Path.GetRelativePath(examples, f).Replace('\\', '/'),
                f => File.ReadAllText(f),
                StringComparer.Ordinal
            );
        var snapshot = Workspace.Make(files);
        Assert.Contains(files.Keys, f => f.StartsWith("published/", StringComparison.Ordinal));
        Parallel.ForEach(
            files.Keys,
            name =>
            {
                var file = snapshot.Analyse($"{Workspace.Folder}/{name}")!;
                var step = name.Contains('/', StringComparison.Ordinal) ? 11 : 1;
                for (var offset = 0; offset <= file.Text.Length; offset += step)
                {
                    _ = Hovering.At(file, offset);
                    _ = References.Definition(file, offset);
                    _ = Completion.At(file, offset);
                    _ = SignatureHelping.At(file, offset);
                }
                Assert.NotEmpty(SemanticTokens.Of(file).Data);
                Assert.All(Folding.Of(file), f => Assert.True(f.EndLine > f.StartLine));
                Assert.Equal(
                    file.Tree.Declarations.Count(d => d is not (Mtlc.Dsl.Syntax.ImportSyntax or Mtlc.Dsl.Syntax.SetSyntax)),
                    Symbols.Outline(file.Tree).Length
                );
            }
        );
    }

    /// <summary>Each token where it stands, none twice, in the order of the text.</summary>
    [Fact]
    public void Semantic_tokens_are_those_of_the_text()
    {
        var file = Workspace.Analyse("a.mtl");
        var (line, column) = (0, 0);
        var words = new List<string>();
        foreach (var token in SemanticTokens.Of(file).Data.Chunk(5))
        {
            (line, column) = (line + token[0], token[0] == 0 ? column + token[1] : token[1]);
            words.Add($"{file.Source.Line(line + 1).Substring(column, token[2])} {SemanticTokens.Types[token[3]]}");
        }
        Assert.Contains("trunk variable", words);
        Assert.Contains("resnet18 class", words);
        Assert.Contains("conv function", words);
        Assert.Contains("semseg type", words);
        Assert.Contains("encoder keyword", words);
        Assert.Contains("rates property", words);
        Assert.Contains("# Narrows, then widens (Doe et al. 2020). comment", words);
    }

    [Fact]
    public void Recipes_sweeps_and_strangers_have_no_diagnostics_of_their_own()
    {
        var snapshot = Workspace.Make([.. Workspace.Files.Select(f => (f.Key, f.Value))]);

        Assert.Empty(
            Diagnostics.Of(snapshot, CancellationToken.None).Values.SelectMany(d => d).Select(d => $"{d.Span}: {d.Message}")
        );
    }

    [Fact]
    public void A_mistake_in_an_unsaved_recipe_is_told_of_in_the_recipe()
    {
        var snapshot = Workspace.Make(("recipe.mtl", "train { batsh: 4 }"), ("a.mtl", Workspace.Program));

        var found = Diagnostics.Of(snapshot, CancellationToken.None);

        Assert.Equal("MTL2005", Assert.Single(found[$"{Workspace.Folder}/recipe.mtl"]).Code);
        Assert.Empty(found[$"{Workspace.Folder}/a.mtl"]);
    }

    [Theory]
    [InlineData("file:///home/a%20b/x.mtl", "/home/a b/x.mtl")]
    [InlineData("file:///C:/nets/x.mtl", "C:/nets/x.mtl")]
    [InlineData("untitled:Untitled-1", "untitled:Untitled-1")]
    public void Addresses_are_paths_and_back(string uri, string path)
    {
        Assert.Equal(path, Paths.OfUri(uri));
        Assert.Equal(uri, Paths.ToUri(path));
    }
}
