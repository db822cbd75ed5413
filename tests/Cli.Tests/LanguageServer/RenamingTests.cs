using Mtlc.LanguageServer.Documents;
using Mtlc.LanguageServer.Features;
using Mtlc.LanguageServer.Protocol;
using StreamJsonRpc;

namespace Mtlc.Tests.LanguageServer;

/// <summary>Whatever means it changes, in all files, and nothing else.</summary>
public sealed class RenamingTests
{
    [Fact]
    public void A_box_of_programs_that_share_a_recipe()
    {
        var changed = Rename("a.mtl", "encoder ¦trunk", "backbone");

        // The recipe means the trunk of both programs; the stranger's component and the report's label are only called so.
        Assert.Equal(["a.mtl", "b.mtl", "recipe.mtl", "sweeps.mtl"], changed.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in changed)
        {
            Assert.DoesNotContain("trunk", text, StringComparison.Ordinal);
            Assert.Equal(Workspace.Files[name], text.Replace("backbone", "trunk", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_same_from_the_recipe() =>
        Assert.Equal(
            Rename("a.mtl", "encoder ¦trunk", "backbone").OrderBy(c => c.Key),
            Rename("recipe.mtl", "set ¦trunk", "backbone").OrderBy(c => c.Key)
        );

    [Fact]
    public void A_task_in_the_keys_of_its_scores()
    {
        var changed = Rename("a.mtl", "task ¦semseg", "labels");

        Assert.Contains(
            "scores: [\"labels/mean_iou\", \"depth/si_log_rmse\", multitask]",
            changed["report.mtl"],
            StringComparison.Ordinal
        );
        Assert.Contains("caption: \"the trunk of semseg\"", changed["report.mtl"], StringComparison.Ordinal);
        Assert.Contains("halving(\"labels/mean_iou\")", changed["models.mtl"], StringComparison.Ordinal);
        Assert.Contains("contour of labels", changed["a.mtl"], StringComparison.Ordinal);
        Assert.Contains("cross_entropy(labels)", changed["a.mtl"], StringComparison.Ordinal);
        Assert.Contains("decoder semseg: context", changed["a.mtl"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sweeps.mtl", "sweep ¦rates", "grid", "sweep grid {", "sweep(\"sweeps.mtl\", grid)")]
    [InlineData("a.mtl", "head(x, ¦width", "inner", "head(x, inner = 64)", "{ using: head, inner: 8 }")]
    public void What_is_meant_elsewhere(string file, string at, string name, params string[] written)
    {
        var changed = string.Join('\n', Rename(file, at, name).Values);

        Assert.All(written, w => Assert.Contains(w, changed, StringComparison.Ordinal));
    }

    [Fact]
    public void A_parameter_leaves_the_let_of_the_same_name_alone()
    {
        var changed = Rename("a.mtl", "head(x, ¦width", "inner")["a.mtl"];

        Assert.Contains("let width = 128", changed, StringComparison.Ordinal);
        Assert.Contains("trunk.layer3 -> width", changed, StringComparison.Ordinal);
        Assert.Contains("{ width: 2 * width }", changed, StringComparison.Ordinal);
        Assert.Contains("conv(narrow, w * inner)", changed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("encoder ¦trunk", "context", "would not be right")]
    [InlineData("encoder ¦trunk", "1st", "cannot be a name")]
    [InlineData("encoder ¦trunk", "skip", "cannot be a name")]
    [InlineData("trunk: ¦resnet18", "mine", "keep their names")]
    [InlineData("narrow = ¦conv_bn_relu", "mine", "keep their names")]
    [InlineData("let ¦width = 128", "trunk", "the name 'trunk'")]
    public void What_cannot_be_is_refused(string at, string name, string reason) =>
        Assert.Contains(
            reason,
            Assert.Throws<LocalRpcException>(() => Rename("a.mtl", at, name)).Message,
            StringComparison.Ordinal
        );

    /// <summary>The files that change, as they are then.</summary>
    static Dictionary<string, string> Rename(string file, string at, string name)
    {
        var analysis = Workspace.Analyse(file);
        var edit = Renaming.Edit(analysis, Workspace.Offset(analysis.Text, at), name, CancellationToken.None);
        return edit.Changes.ToDictionary(
            c => Path.GetFileName(c.Key),
            c => Applied(Workspace.Files[Path.GetFileName(c.Key)], c.Value),
            StringComparer.Ordinal
        );
    }

    internal static string Applied(string text, IEnumerable<TextEdit> edits)
    {
        var source = new Mtlc.Dsl.Text.SourceText("", text);
        foreach (
            var edit in edits
                .OrderByDescending(e => source.OffsetOf(e.Range.Start))
                .ThenByDescending(e => source.OffsetOf(e.Range.End))
        )
        {
            var (start, end) = (source.OffsetOf(edit.Range.Start), source.OffsetOf(edit.Range.End));
            text = text[..start] + edit.NewText + text[end..];
        }
        return text;
    }
}
