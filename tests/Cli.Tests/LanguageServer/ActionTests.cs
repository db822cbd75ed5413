using Mtlc.Compiler;
using Mtlc.Dsl.Text;
using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Features;
using Mtlc.LanguageServer.Protocol;

namespace Mtlc.Tests.LanguageServer;

public sealed class ActionTests
{
    const string Good = """
        component head(x, width = 64) {
          let narrow = conv_bn_relu(x, width)
          return narrow
        }
        model net {
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder trunk: resnet18
          aspp context: trunk -> 256 { rates: [1, 2] }
          decoder s: context -> semseg { using: head }
          decoder d: context -> depth { using: head }
          loss: cross_entropy(semseg) + l2(depth)
        }
        """;

    /// <summary>A mistake put in place of something right: the fix makes the text right again, if not always the same.</summary>
    [Theory]
    [InlineData("resnet18", "resnet81", "¦resnet81")]
    [InlineData("trunk ->", "trnk ->", "¦trnk")]
    [InlineData("rates:", "rate:", "¦rate:")]
    [InlineData("-> depth", "-> dept", "¦dept ")]
    [InlineData("cross_entropy", "cross_entropi", "¦cross_entropi")]
    [InlineData("segmentation {", "segmentaton {", "¦segmentaton")]
    [InlineData("using: head", "using: haed", "¦haed")]
    [InlineData("encoder trunk", "encodr trunk", "¦encodr")]
    [InlineData("trunk -> 256", "trunk => 256", "¦=>")]
    [InlineData("x, width)", "x, widht)", "¦widht")]
    [InlineData("  return narrow\n", "", "¦}\nmodel")]
    [InlineData("  loss: cross_entropy(semseg) + l2(depth)\n", "", "model ¦net")]
    [InlineData(" + l2(depth)", "", "task ¦depth")]
    [InlineData("  decoder d: context -> depth { using: head }\n", "", "task ¦depth")]
    public void A_mistake_has_a_remedy(string right, string wrong, string at)
    {
        var text = Good.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEmpty(Errors(text));

        var fixes = Actions(text, at, at).Where(a => a.Kind == "quickfix").ToList();

        Assert.Contains(
            fixes,
            f => Errors(RenamingTests.Applied(text, f.Edit.Changes.Values.Single())).Count < Errors(text).Count
        );
    }

    [Fact]
    public void What_nothing_reads_is_removed_with_its_line()
    {
        var text = Good.Replace("  encoder", "  let unread = 3\n  encoder", StringComparison.Ordinal);

        var fix = Actions(text, "let ¦unread", "let unread¦").Single(a => a.Title.StartsWith("Remove", StringComparison.Ordinal));

        Assert.Equal(Good, RenamingTests.Applied(text, fix.Edit.Changes.Values.Single()));
    }

    [Theory]
    [InlineData("rates: ¦[1, 2]", "rates: [1, 2]¦", "  let rates = [1, 2]\n  aspp context: trunk -> 256 { rates: rates }")]
    [InlineData("-> ¦256", "-> 256¦", "  let channels = 256\n  aspp context: trunk -> channels { rates: [1, 2] }")]
    [InlineData("let narrow = ¦conv_bn_relu(x, width)", "let narrow = ¦conv_bn_relu(x, width)", null)]
    [InlineData("encoder trunk: ¦resnet18", "encoder trunk: resnet18¦", null)]
    public void An_expression_is_factored_out(string from, string to, string? written)
    {
        var actions = Actions(Good, from, to).Where(a => a.Kind == "refactor.extract").ToList();
        if (written is null)
        {
            Assert.Empty(actions);
            return;
        }
        var changed = RenamingTests.Applied(Good, Assert.Single(actions).Edit.Changes.Values.Single());
        Assert.Contains(written, changed, StringComparison.Ordinal);
        Assert.Empty(Errors(changed));
    }

    [Fact]
    public void A_value_that_stands_twice_is_named_once()
    {
        var text = Good.Replace("using: head }", "using: head, width: 32 }", StringComparison.Ordinal);

        var action = Actions(text, "context -> semseg { using: head, width: ¦32", "context -> semseg { using: head, width: ¦32")
            .Single(a => a.Kind == "refactor.extract");
        var changed = RenamingTests.Applied(text, action.Edit.Changes.Values.Single());

        Assert.Equal(2, changed.Split("width: width_2").Length - 1);
        Assert.Empty(Errors(changed));
    }

    static CodeAction[] Actions(string text, string from, string to)
    {
        var file = Workspace.Make(new Dictionary<string, string>(), ("x.mtl", text)).Analyse($"{Workspace.Folder}/x.mtl")!;
        return CodeActions.Of(file, file.Source.RangeOf(Workspace.Offset(text, from), Workspace.Offset(text, to)));
    }

    static List<string> Errors(string text) =>
        [
            .. Compilation
                .Check(new SourceText("x.mtl", text))
                .Diagnostics.Where(d => d.Severity == Mtlc.Dsl.Diagnostics.Severity.Error)
                .Select(d => d.Message),
        ];
}
