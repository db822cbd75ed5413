using Mtlc.Compiler;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Tests.Experiments;

public class RecipeDigestTests
{
    const string Branched = """
        train { batch: 4, epochs: 2 }
        model branched {
          task semseg: segmentation { classes: 19 }
          task depth: depth
          encoder trunk: resnet18 { weights: imagenet }
          attention a: trunk
          attention b: trunk
          decoder head_s: a -> semseg
          decoder head_d: b -> depth
          loss: 0.5 * cross_entropy(semseg) + 0.5 * l2(depth)
        }
        """;

    static RecipeDigest Digest(string text, params (string, string)[] files) =>
        RecipeDigest.Of(Sweeping.Program(text, null, files));

    [Fact]
    public void Comments_layout_and_files_do_not_matter()
    {
        var spread = Branched.Replace("\n", " # a remark\n\n").Replace(", ", " ,  ");
        var cut = Branched.IndexOf("model", StringComparison.Ordinal);

        Assert.Equal(Digest(Branched), Digest(spread));
        Assert.Equal(Digest(Branched), Digest("import \"rest.mtl\"\n" + Branched[..cut], ("rest.mtl", Branched[cut..])));
    }

    [Fact]
    public void Names_and_the_order_of_statements_do_not_matter()
    {
        var renamed = Branched
            .Replace("trunk", "backbone")
            .Replace("head_s", "s")
            .Replace("model branched", "model forked")
            .Replace("semseg", "classes_of");
        var moved = Branched
            .Replace("  attention b: trunk\n", "")
            .Replace("  encoder", "  attention b: trunk\n  encoder")
            .Replace("  task depth: depth\n", "")
            .Replace("  loss", "  task depth: depth\n  loss");

        Assert.Equal(Digest(Branched), Digest(renamed));
        Assert.Equal(Digest(Branched), Digest(moved));
    }

    [Fact]
    public void A_setting_at_its_default_is_the_setting() =>
        Assert.Equal(
            Digest(Branched),
            Digest(Branched.Replace("epochs: 2", "epochs: 2, seed: 0, optimizer: adam { lr: 1e-4 }, schedule: poly"))
        );

    // Computed before `train.accumulate` came: runs of older recipes are still found.
    [Fact]
    public void A_setting_that_came_later_leaves_older_digests_alone()
    {
        var text =
            "data { source: synthetic { scenes: 8, size: 64x128 }, augment: { crop: 64 } }\n"
            + Branched.Replace("imagenet", "none");

        Assert.Equal("bfd6f21d36ea4454afc74614481ae64a1a8688b9f35cb701a01e7b54f33521f6", Digest(text).Run);
        Assert.Equal(Digest(text), Digest(text.Replace("epochs: 2", "epochs: 2, accumulate: 1")));
        Assert.NotEqual(Digest(text).Recipe, Digest(text.Replace("epochs: 2", "epochs: 2, accumulate: 2")).Recipe);
    }

    /// <summary>A path in a file starts at the file, one of the command line where it is typed; which folder is meant is what
    /// counts.</summary>
    [Fact]
    public void Data_and_weights_are_the_files_that_are_meant()
    {
        const string data = "data { source: miniscapes(\"scenes\") }\n";
        var branched = Branched.Replace("weights: imagenet", "weights: \"trunk.pth\"");
        CompiledProgram At(string main, string text, params string[] sets)
        {
            var compilation = Compilation.Compile(
                new(main, text),
                path => path == "shared/recipe.mtl" ? new(path, data) : null,
                sets
            );
            Assert.NotNull(compilation.Program);
            return compilation.Program;
        }
        string Source(CompiledProgram program) => Assert.IsType<MiniScapesRecipe>(program.Data.Source).Path.Full;
        var beside = At("nets/main.mtl", data + branched);
        var typed = At("nets/main.mtl", branched, "data.source=miniscapes(\"nets/scenes\")");
        var moved = At("other/main.mtl", data + branched);
        var imported = At("nets/main.mtl", "import \"../shared/recipe.mtl\"\n" + branched);

        Assert.Equal(
            ["nets/scenes", "nets/scenes", "other/scenes", "shared/scenes"],
            new[] { beside, typed, moved, imported }.Select(Source)
        );
        Assert.Equal("nets/trunk.pth", Assert.Single(beside.Model.Encoders).File.Full);
        Assert.Equal(RecipeDigest.Of(beside), RecipeDigest.Of(typed));
        Assert.Equal(RecipeDigest.Of(beside), RecipeDigest.Of(moved));
        Assert.NotEqual(RecipeDigest.Of(beside), RecipeDigest.Of(imported));
        Assert.NotEqual(
            RecipeDigest.Of(beside),
            RecipeDigest.Of(At("nets/main.mtl", data + branched, "trunk.weights=\"trunk.pth\""))
        );
    }

    [Theory]
    [InlineData("epochs: 2", "epochs: 2, checkpoint: { keep: 9 }")]
    [InlineData("epochs: 2", "epochs: 2, evaluate: { samples: 0 }")]
    [InlineData("train {", "data { workers: 3 }\ntrain {")]
    [InlineData("weights: imagenet", "weights: imagenet, recompute: true")]
    public void What_cannot_change_a_result_does_not_matter(string old, string text) =>
        Assert.Equal(Digest(Branched), Digest(Branched.Replace(old, text)));

    [Theory]
    [InlineData("epochs: 2", "epochs: 3")]
    [InlineData("epochs: 2", "epochs: 2, seed: 1")]
    [InlineData("epochs: 2", "epochs: 2, optimizer: adamw")]
    [InlineData("train {", "data { augment: { flip: false } }\ntrain {")]
    [InlineData("resnet18", "resnet34")]
    [InlineData("weights: imagenet", "weights: none")]
    [InlineData("0.5 * cross_entropy(semseg) + 0.5", "0.4 * cross_entropy(semseg) + 0.6")]
    [InlineData("decoder head_d: b", "decoder head_d: a")] // one attention for both tasks instead of one each
    [InlineData("task depth: depth", "task depth: depth { unit: log }")]
    [InlineData("segmentation { classes: 19 }", "segmentation { classes: 19, auxiliary: true }")]
    public void What_changes_a_result_matters(string old, string text)
    {
        Assert.Contains(old, Branched);
        Assert.NotEqual(Digest(Branched).Run, Digest(Branched.Replace(old, text)).Run);
    }

    [Fact]
    public void The_seed_is_no_part_of_the_recipe()
    {
        var (one, other) = (Digest(Branched), Digest(Branched.Replace("epochs: 2", "epochs: 2, seed: 1")));

        Assert.NotEqual(one.Run, other.Run);
        Assert.Equal(one.Recipe, other.Recipe);
        Assert.Matches("^[0-9a-f]{64}$", one.Run);
    }
}
