using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Lowering;

/// <summary>How parameters are trained: frozen until a stage, rates and decays of statements, layers, rules.</summary>
public class GroupTests
{
    const string Text = """
        model small {
          task depth: depth
          encoder trunk: resnet18
          decoder head: trunk + skip trunk/4 -> depth { width: 32 }
          loss: l2(depth)
        }
        """;

    /// <summary>A vision transformer's skeleton: patches, positions, blocks, a last norm.</summary>
    const string Blocks = """
        component body(x) {
          let patches   = conv(x, 16, kernel: 4, stride: 4)
          let positions = parameter(16, normal)
          let blocks    = patches + positions |> for i in range(4): unit()
          let norm      = layer_norm(blocks)
          return norm
        }
        component unit(x) {
          let norm = layer_norm(x)
          let fc   = linear(norm, 16) |> for i in range(2): linear(16)
          return x + fc
        }
        model small {
          task depth: depth
          encoder trunk: body { lr_decay: 0.5 }
          decoder head: trunk -> depth { convs: 1, width: 8 }
          loss: l2(depth)
        }
        """;

    static double Rate(Graph graph, string name) => graph.Parameters.Single(p => p.Name == name).Group.Rate;

    [Fact]
    public void Frozen_until_a_stage_is_all_that_leads_to_it()
    {
        // Conv1, its norm, and the two stages of torchvision's resnet18.
        const int until = 9408 + 128 + 147_968 + 525_568;
        var (free, frozen) = (Programs.Compile(Text).Program!, Programs.Compile(Text, "trunk.frozen=until layer2").Program!);
        var graph = frozen.Model.Training;
        Assert.Equal(until, graph.FrozenCount);
        Assert.Equal(free.Model.Training.TrainableCount - until, graph.TrainableCount);
        string[] first = ["trunk.conv1", "trunk.bn1", "trunk.layer1.", "trunk.layer2."];
        foreach (var parameter in graph.Parameters)
            Assert.Equal(first.Any(f => parameter.Name.StartsWith(f, StringComparison.Ordinal)), parameter.IsFrozen);
        Assert.Contains("\n# trunk, frozen\n", TextDump.Write(graph), StringComparison.Ordinal);
        Assert.Contains("\n# trunk\n", TextDump.Write(graph), StringComparison.Ordinal);
        Assert.NotEqual(RecipeDigest.Of(free).Recipe, RecipeDigest.Of(frozen).Recipe);

        // The step within the stage: its first block is trained no more, its second is.
        var half = Programs.Model(Text, "trunk.frozen=until layer2[0]").Training;
        Assert.True(half.Parameters.Single(p => p.Name == "trunk.layer2.0.conv2.weight").IsFrozen);
        Assert.True(half.Parameters.Single(p => p.Name == "trunk.layer2.0.bn2.running_mean").IsFrozen);
        Assert.False(half.Parameters.Single(p => p.Name == "trunk.layer2.1.conv1.weight").IsFrozen);
        Assert.Equal(11_176_512, Programs.Model(Text, "trunk.frozen=until layer4").Training.FrozenCount);
    }

    [Fact]
    public void What_is_frozen_keeps_nothing_and_is_not_recomputed()
    {
        var (free, part, whole) = (Kept("trunk.frozen=false"), Kept("trunk.frozen=until layer2"), Kept("trunk.frozen=true"));
        Assert.True(whole < part && part < free);
        var again = Programs.Model(Text, "trunk.frozen=until layer2", "trunk.recompute=true").Training;
        Assert.All(again.Nodes.Where(n => n.Declaration == "trunk"), n => Assert.Equal(!n.IsFrozen, n.IsRecomputed));

        static long Kept(string set) =>
            Compiler.Planning.MemoryPlan.Of(Programs.Compile(Text, set).Program!, 4, new(128, 128)).Training.Saved;
    }

    [Fact]
    public void A_share_inside_says_itself_and_encoders_in_exchange_freeze_up_to_the_mixed_stage()
    {
        const string text = """
            component stitch(xs) { return [xs[0] + conv(xs[1], channels(xs[0])), xs[1]] }
            component body(x, unit) {
              let stem   = conv(x, 8, kernel: 3, stride: 2)
              let layer1 = stem |> unit
              let layer2 = conv(layer1, 8, kernel: 3)
              return layer2
            }
            model two {
              task depth: depth
              share unit: conv { out: 8, kernel: 3 }
              encoder a: body { unit: unit, frozen: until layer1 }
              encoder b: body { unit: unit }
              exchange mix: a, b at layer1 { using: stitch }
              let joined = concat(a, b)
              decoder head: joined -> depth { convs: 1, width: 8 }
              loss: l2(depth)
            }
            """;
        var graph = Programs.Model(text).Training;
        Assert.Equal(["a.stem.weight", "a.stem.bias"], graph.Parameters.Where(p => p.IsFrozen).Select(p => p.Name));
    }

    [Fact]
    public void Rates_and_decays_make_groups_and_usual_ones_change_no_digest()
    {
        var program = Programs
            .Compile(
                Text,
                "trunk.lr=0.1x",
                "trunk.weight_decay=0.05",
                "train.optimizer=adamw { lr: 1e-3 }",
                "train.decay=except norms and biases"
            )
            .Program!;
        var groups = OptimizerGroup.Of(program.Model.Training, program.Train);
        Assert.Equal([(0.1, 0.05), (0.1, 0), (1, 0.01), (1, 0)], groups.Select(g => (g.Rate, g.WeightDecay)));
        // ResNets have no biases but those of their norms: twice the channels of every one.
        Assert.Equal(2 * (64 * 5 + 128 * 5 + 256 * 5 + 512 * 5), groups[1].Count);
        Assert.All(groups[3].Parameters, p => Assert.Single(p.Dimensions));
        Assert.Equal(program.Model.Training.TrainableCount, groups.Sum(g => g.Count));

        var all = OptimizerGroup.Of(program.Model.Training, program.Train with { Decay = DecayRule.ExceptNorms });
        Assert.Contains(all, g => g is { WeightDecay: 0.01, Parameters: var p } && p.Any(x => x.Name == "head.predict.bias"));

        var usual = Programs.Compile(Text).Program!;
        Assert.Single(OptimizerGroup.Of(usual.Model.Training, usual.Train));
        var said = Programs.Compile(Text, "trunk.lr=1x", "trunk.lr_decay=1", "train.decay=all").Program!;
        Assert.Equal(RecipeDigest.Of(usual), RecipeDigest.Of(said));
        string[] others = ["trunk.lr=0.5x", "trunk.weight_decay=0", "train.decay=except biases", "trunk.lr_decay=0.9"];
        Assert.Equal(
            others.Length + 1,
            others
                .Select(o => RecipeDigest.Of(Programs.Compile(Text, o).Program!))
                .Append(RecipeDigest.Of(usual))
                .Distinct()
                .Count()
        );
    }

    [Fact]
    public void The_words_of_parts_and_rules_are_names_elsewhere()
    {
        var model = Programs.Model(
            """
            component mixed(xs) { return [xs[0] + xs[1], xs[1]] }
            component body(x, except) {
              let until = conv(x, except, kernel: 3, stride: 2)
              return until
            }
            model words {
              task depth: depth
              encoder except: body { except: 8 }
              encoder until: body {
                frozen: until until
                except: 8
              }
              exchange mix: except, until at until { using: mixed }
              let a, b = [until, except]
              let joined = concat(a, b)
              decoder head: joined -> depth { convs: 1, width: 8 }
              loss: l2(depth)
            }
            """
        );
        Assert.Equal(
            ["until.until.weight", "until.until.bias"],
            model.Training.Parameters.Where(p => p.IsFrozen).Select(p => p.Name)
        );
    }

    [Fact]
    public void The_rate_falls_from_layer_to_layer_as_in_BEiT()
    {
        var graph = Programs.Model(Blocks).Training;
        // num_layers = 4: patches and positions 0.5^5, block i 0.5^(4 - i), what follows 1; a loop within a round is no layer.
        Assert.Equal(Math.Pow(0.5, 5), Rate(graph, "trunk.patches.weight"));
        Assert.Equal(Math.Pow(0.5, 5), Rate(graph, "trunk.positions"));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(Math.Pow(0.5, 4 - i), Rate(graph, FormattableString.Invariant($"trunk.blocks.{i}.norm.weight")));
            Assert.Equal(Math.Pow(0.5, 4 - i), Rate(graph, FormattableString.Invariant($"trunk.blocks.{i}.fc.1.0.weight")));
        }
        Assert.Equal(1, Rate(graph, "trunk.norm.weight"));
        Assert.Equal(1, Rate(graph, "head.predict.weight"));
        Assert.Equal(0.1 * 0.5, Rate(Programs.Model(Blocks, "trunk.lr=0.1x").Training, "trunk.blocks.3.norm.bias"), 12);
    }

    [Theory]
    [InlineData("convnext_tiny", 18, "trunk.features.0.0.weight", "trunk.features.7.2.layer_scale")]
    [InlineData("resnet50", 16, "trunk.conv1.weight", "trunk.layer4.2.conv3.weight")]
    [InlineData("mit_b0", 8, "trunk.patch_embed1.proj.weight", "trunk.block4.1.mlp.fc2.weight")]
    [InlineData("mobilenet_v2", 19, null, "trunk.features.18.0.weight")]
    public void Encoders_have_their_blocks_as_layers(string encoder, int layers, string? first, string last)
    {
        var graph = Programs
            .Model(
                Text.Replace("resnet18", $"{encoder} {{ lr_decay: 0.5 }}", StringComparison.Ordinal)
                    .Replace("trunk/4", "trunk/8", StringComparison.Ordinal)
            )
            .Training;
        Assert.Equal(0.5, Rate(graph, last));
        Assert.Equal(Math.Pow(0.5, first is null ? layers : layers + 1), graph.Parameters.Min(p => p.Group.Rate));
        if (first is not null)
            Assert.Equal(Math.Pow(0.5, layers + 1), Rate(graph, first));
    }
}
