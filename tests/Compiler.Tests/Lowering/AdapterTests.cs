using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Lowering;

/// <summary>`adapt: lora`: low-rank matrices beside the projections of attention (Hu et al. 2021).</summary>
public class AdapterTests
{
    static string Text(string encoder, string settings) =>
        $$"""
            model small {
              task depth: depth
              encoder trunk: {{encoder}} { {{settings}} }
              decoder head: trunk -> depth { convs: 0, kernel: 1 }
              loss: l2(depth)
            }
            data { source: synthetic { size: 224x224 }, augment: { crop: 224 } }
            """;

    static Graph Training(string encoder, string settings) => Programs.Model(Text(encoder, settings)).Training;

    static Dictionary<string, Parameter> Adapters(Graph graph) =>
        graph.Parameters.Where(p => p.Role == ParameterRole.Adapter).ToDictionary(p => p.Name);

    // Twelve blocks; A of queries and of values [8, 384], B of each [384, 8].
    [Fact]
    public void Queries_and_values_of_a_frozen_encoder_are_adapted()
    {
        var graph = Training("dinov2_vits14", "frozen: true, adapt: lora { rank: 8 }");
        var adapters = Adapters(graph);
        Assert.Equal(24, adapters.Count);
        Assert.Equal(12 * 2 * 2 * 8 * 384, adapters.Values.Sum(p => p.Count));
        Assert.Equal(12 * 2 * 2 * 8 * 384 + 385, graph.TrainableCount);
        Assert.Equal(Training("dinov2_vits14", "frozen: true").FrozenCount, graph.FrozenCount);
        Assert.Equal([16, 384], adapters["trunk.blocks.0.attn.qkv.lora_a"].Dimensions);
        Assert.Equal([768, 8], adapters["trunk.blocks.11.attn.qkv.lora_b"].Dimensions);
        Assert.All(adapters.Values, p => Assert.True(p.IsTrainable));
        var adapted = graph.Nodes.Select(n => n.Op).OfType<Adapted>().First();
        Assert.Equal([new(0, 384), new(768, 384)], adapted.On);
        Assert.Equal(1, adapted.Factor);
        Assert.Contains(
            "trunk.blocks.0.attn.qkv = linear_lora(trunk.blocks.0.norm1, whole: linear, rank: 8, "
                + "factor: 1, on: 0:384 and 768:1152)",
            TextDump.Write(graph),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("mit_b0", "qv", "block1.0.attn.q.lora_a [4, 32]; block1.0.attn.kv.lora_b [32, 4]", "block1.0.attn.proj.lora_a")]
    [InlineData("mit_b0", "qkv", "block1.0.attn.kv.lora_a [8, 32]; block1.0.attn.kv.lora_b [64, 4]", "block1.0.attn.proj.lora_a")]
    [InlineData("mit_b0", "all", "block1.0.attn.proj.lora_a [4, 32]", "block1.0.attn.sr.lora_a")]
    [InlineData(
        "swin_t",
        "all",
        "features.1.0.attn.qkv.lora_a [12, 96]; features.1.0.attn.proj.lora_b [96, 4]",
        "features.1.0.mlp.0.lora_a"
    )]
    [InlineData("swin_v2_t", "qv", "features.1.0.attn.qkv.lora_b [192, 4]", "features.1.0.attn.cpb_mlp.0.lora_a")]
    [InlineData(
        "vit_b_16",
        "all",
        "encoder.layers.encoder_layer_0.self_attention.in_proj_lora_a [12, 768]; "
            + "encoder.layers.encoder_layer_0.self_attention.out_proj.lora_a [4, 768]",
        "conv_proj.lora_a"
    )]
    [InlineData(
        "dinov3_vits16",
        "qkv",
        "blocks.0.attn.qkv.lora_a [12, 384]; blocks.0.attn.qkv.lora_b [1152, 4]",
        "blocks.0.attn.proj.lora_a"
    )]
    public void Projections_are_found_behind_slices_biases_scales_and_rotations(
        string encoder,
        string on,
        string has,
        string lacks
    )
    {
        var graph = Training(encoder, $"frozen: true, adapt: lora {{ rank: 4, on: {on} }}");
        var adapters = Adapters(graph);
        foreach (var wanted in has.Split("; "))
            Assert.Contains("trunk." + wanted, adapters.Values.Select(p => p.ToString()));
        Assert.DoesNotContain("trunk." + lacks, adapters.Keys);
    }

    [Fact]
    public void Settings_of_the_statement_hold_for_adapters()
    {
        var text = Text("mit_b0", "frozen: true, lr: 3x, weight_decay: 0.25, lr_decay: 0.5, adapt: lora { rank: 4, alpha: 8 }");
        var compilation = Programs.Compile(text, "train.decay=except norms and biases", "train.optimizer=adamw { lr: 1e-3 }");
        Assert.Empty(compilation.Diagnostics);
        var program = compilation.Program!;
        var graph = program.Model.Training;
        Assert.All(graph.Nodes.Select(n => n.Op).OfType<Adapted>(), a => Assert.Equal(2, a.Factor));
        // Eight blocks, then the norms.
        var adapters = Adapters(graph);
        Assert.Equal(3 * 0.5, adapters["trunk.block4.1.attn.q.lora_a"].Group.Rate, 12);
        Assert.Equal(3 * Math.Pow(0.5, 8), adapters["trunk.block1.0.attn.q.lora_b"].Group.Rate, 12);
        var groups = OptimizerGroup.Of(graph, program.Train);
        Assert.All(
            groups.Where(g => g.Parameters.Any(p => p.Role == ParameterRole.Adapter)),
            g => Assert.Equal(0.25, g.WeightDecay)
        );
    }

    [Fact]
    public void What_is_frozen_up_to_a_feature_is_adapted_up_to_there()
    {
        var adapters = Adapters(Training("mit_b0", "frozen: until block2, adapt: lora { rank: 4, on: all }")).Keys;
        Assert.Contains("trunk.block2.1.attn.proj.lora_a", adapters);
        Assert.DoesNotContain(adapters, n => n.StartsWith("trunk.block3", StringComparison.Ordinal));
    }

    [Fact]
    public void Evaluation_has_no_operation_more()
    {
        var (plain, adapted) = (
            Programs.Model(Text("mit_b0", "frozen: true")),
            Programs.Model(Text("mit_b0", "frozen: true, adapt: lora { on: all }"))
        );
        Assert.Equal(plain.Neutral.Nodes.Select(n => $"{n}"), adapted.Neutral.Nodes.Select(n => $"{n}"));
        Assert.Equal(plain.Inference.Nodes.Select(n => $"{n}"), adapted.Inference.Nodes.Select(n => $"{n}"));
        Assert.Equal(plain.Inference.MultiplyAdds(224, 224), adapted.Inference.MultiplyAdds(224, 224));
        Assert.True(plain.Training.MultiplyAdds(224, 224) < adapted.Training.MultiplyAdds(224, 224));
        Assert.Subset(
            adapted.Training.Parameters.Select(p => p.Name).ToHashSet(),
            adapted.Inference.Parameters.Select(p => p.Name).ToHashSet()
        );
        Assert.Contains("trunk.block1.0.attn.q.lora_a", adapted.Inference.Parameters.Select(p => p.Name));
    }

    [Fact]
    public void Adapters_keep_activations_which_recomputation_forgets()
    {
        var frozen = Kept("adapt=none");
        var adapted = Kept("adapt=lora");
        var again = Kept("adapt=lora", "recompute=true");
        Assert.True(frozen <= again && again < adapted / 2);

        static long Kept(params string[] sets) =>
            Compiler
                .Planning.MemoryPlan.Of(
                    Programs.Compile(Text("mit_b0", "frozen: true"), [.. sets.Select(s => $"trunk.{s}")]).Program!,
                    4,
                    new(128, 128)
                )
                .Training.Saved;
    }

    [Fact]
    public void Settings_are_part_of_the_recipe_and_can_be_set()
    {
        static string Digest(params string[] sets) =>
            RecipeDigest.Of(Programs.Compile(Text("mit_b0", "frozen: true, adapt: lora"), sets).Program!).Recipe;
        var digests = new[]
        {
            Digest(),
            Digest("trunk.adapt.rank=4"),
            Digest("trunk.adapt.on=all"),
            Digest("trunk.adapt.alpha=4"),
            Digest("trunk.adapt=none"),
        };
        Assert.Distinct(digests);
        Assert.Equal(digests[0], Digest("trunk.adapt=lora { rank: 8, alpha: 8, on: qv }"));
    }
}
