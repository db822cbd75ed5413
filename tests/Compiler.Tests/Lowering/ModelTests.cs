using Mtlc.Compiler;
using Mtlc.Compiler.Ir;
using Mtlc.Compiler.Lowering;
using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Tasks;
using Mtlc.Compiler.Views;

namespace Mtlc.Tests.Lowering;

/// <summary>What the statements of a model mean.</summary>
public class ModelTests
{
    [Fact]
    public void A_number_behind_the_encoder_is_its_last_map_of_that_resolution()
    {
        var graph = Features("trunk/4, trunk.maxpool, trunk.layer1, trunk/2, trunk.layer3, trunk");
        Assert.Equal(
            ["trunk.layer1", "trunk.maxpool", "trunk.layer1", "trunk.stem", "trunk.layer3", "trunk.layer4"],
            graph.Select(n => string.Join('.', n.Split(':')[0].Split('.').Take(2)))
        );
    }

    [Fact]
    public void Steps_of_loops_and_pipes_are_features_from_the_end_too()
    {
        var graph = Features("trunk.layer1[0], trunk.layer1[-1], trunk.layer2[-2]");
        Assert.Equal(["trunk.layer1.0", "trunk.layer1.1", "trunk.layer2.0"], graph);
        var model = Programs.Model(
            """
            model small {
              task depth: depth
              encoder trunk: mobilenet_v2
              decoder head: trunk + skip trunk/4 + skip trunk.features[1] -> depth { convs: 1 }
              loss: l2(depth)
            }
            """
        );
        var laterals = model
            .Training.Nodes.Where(n => n.Name.EndsWith(".lateral", StringComparison.Ordinal))
            .Select(n => n.Inputs[0]);
        Assert.Equal(["24 x H/4 x W/4", "16 x H/2 x W/2"], laterals.Select(n => n.Shape.ToString()));
    }

    [Fact]
    public void A_list_is_given_to_several_names_and_made_once()
    {
        var model = Programs.Model(
            """
            component both(x) { return [conv(x, 8), conv(x, 16)] }
            component parts(x) {
              let a, b = both(x)
              return concat(b, a)
            }
            model small {
              task depth: depth
              encoder trunk: resnet18
              let wide, narrow = split(parts(trunk), [16, 8])
              let one, two = both(trunk)
              decoder head: [one, two, wide, narrow] -> depth { using: concat }
              loss: l2(depth)
            }
            """
        );
        var made = model.Training.Parameters.Where(p => p.Name.Split('.')[0] is not ("trunk" or "head"));
        Assert.Equal(
            ["wide.a.0.weight", "wide.a.1.weight", "one.0.weight", "one.1.weight"],
            made.Select(p => p.Name).Where(n => n.EndsWith("weight", StringComparison.Ordinal))
        );
        Assert.Equal("48 x H/32 x W/32", model.Declarations.Single(d => d.Name == "head").Result!.Shape.ToString());
        Assert.Contains("let one, two = both(trunk)", Annotation.Write(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_is_one_set_of_weights_wherever_it_is_applied()
    {
        const string text = """
            model twins {
              task semseg: segmentation { classes: 19 }
              task depth:  depth
              encoder trunk: resnet18
              share up: plain_decoder { width: 32 }
              decoder semseg_head: trunk -> semseg { using: up }
              decoder depth_head:  trunk.layer4[0] -> depth { using: up }
              loss: cross_entropy(semseg) + l2(depth)
            }
            """;
        var model = Programs.Model(text);
        Assert.Equal(
            [
                "up.refined.0.0.weight",
                "up.refined.0.1.weight",
                "up.refined.0.1.bias",
                "up.refined.1.0.weight",
                "up.refined.1.1.weight",
                "up.refined.1.1.bias",
            ],
            model
                .Training.Parameters.Where(p => p.Name.StartsWith("up.", StringComparison.Ordinal) && p.IsTrainable)
                .Select(p => p.Name)
        );
        var first = model.Training.Nodes.Where(n => n.Parameters.Any(p => p.Name == "up.refined.0.0.weight")).ToList();
        Assert.Equal(["semseg_head", "depth_head"], first.Select(n => n.Declaration));
        Assert.Same(first[0].Parameters[0], first[1].Parameters[0]);
        // Two decoders of their own have twice as many.
        var apart = Programs.Model(
            text.Replace("using: up", "using: plain_decoder, width: 32", StringComparison.Ordinal)
                .Replace("  share up: plain_decoder { width: 32 }\n", "", StringComparison.Ordinal)
        );
        var shared = model
            .Training.Parameters.Where(p => p.Name.StartsWith("up.", StringComparison.Ordinal) && p.IsTrainable)
            .Sum(p => p.Count);
        Assert.Equal(apart.Training.TrainableCount, model.Training.TrainableCount + shared);
        Assert.Equal(
            64,
            Programs
                .Compile(text, "up.width=64")
                .Program!.Model.Declarations.Single(d => d.Name == "depth_head")
                .Result!.Shape.Channels
        );
    }

    [Fact]
    public void An_exchange_mixes_stage_by_stage_and_the_encoders_go_on_with_what_it_gives()
    {
        var model = Programs.Model(
            """
            component scaled(x, start) { return x * parameter(channels(x), init: start) }
            component stitch(maps) {
              let mixed = [for i in range(length(maps)): sum([for j in range(length(maps)): scaled(maps[j], if i == j then ones else zeros)])]
              return mixed
            }
            model cross_stitch {
              task semseg: segmentation { classes: 19 }
              task depth:  depth
              encoder semseg_net: resnet18
              encoder depth_net:  resnet18
              exchange mix: semseg_net, depth_net at layer1, layer4 { using: stitch }
              decoder semseg_head: semseg_net -> semseg { convs: 0 }
              decoder depth_head:  depth_net + skip depth_net/4 -> depth { convs: 1 }
              loss: cross_entropy(semseg) + l2(depth)
            }
            """
        );
        var nodes = model.Training.Nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        Assert.Equal(
            [
                .. from stage in new[] { "layer1", "layer4" }
                from i in new[] { 0, 1 }
                from j in new[] { 0, 1 }
                select $"mix.{stage}.mixed.{i}.{j}",
            ],
            model.Training.Parameters.Where(p => p.Name.StartsWith("mix.", StringComparison.Ordinal)).Select(p => p.Name)
        );
        Assert.Equal("mix.layer1.mixed.0", nodes["semseg_net.layer2.0.conv1"].Inputs[0].Name);
        Assert.Equal("mix.layer1.mixed.1", nodes["depth_net.layer2.0.conv1"].Inputs[0].Name);
        Assert.Equal("mix.layer4.mixed.0", nodes["semseg_head.predict"].Inputs[0].Name);
        Assert.Equal("mix.layer1.mixed.1", nodes["depth_head.merged.0.lateral"].Inputs[0].Name);
        Assert.Equal("mix", nodes["mix.layer4.mixed.1"].Declaration);
        Assert.Equal("depth_net", nodes["depth_net.layer3.1.conv1"].Declaration);
    }

    [Fact]
    public void An_exchange_stops_at_steps_of_pipes_and_loops_and_encoders_keep_their_names()
    {
        static Model Exchanged(string backbone, string statement) =>
            Programs.Model(
                $$"""
                component stitch(maps) { return [for m in maps: m + conv(sum(maps), channels(m))] }
                model pair {
                  task semseg: segmentation { classes: 19 }
                  task depth:  depth
                  encoder left:  {{backbone}}
                  encoder right: {{backbone}}
                  {{statement}}
                  decoder semseg: left  + skip left/4  -> semseg
                  decoder depth:  right + skip right/4 -> depth
                  loss: cross_entropy(semseg) + l2(depth)
                }
                """
            );
        static string[] Names(Model model, string owner) =>
            [.. model.Training.Parameters.Select(p => p.Name).Where(n => n.StartsWith(owner + ".", StringComparison.Ordinal))];

        foreach (
            var (backbone, stages, names, reader, read) in new[]
            {
                (
                    "mobilenet_v2",
                    "features[3], features[-2]",
                    new[] { "features_3", "features_17" },
                    "features.18.0",
                    "features_17"
                ),
                ("convnext_tiny", "features[1], features[3][1]", ["features_1", "features_3_1"], "features.2.0", "features_1"),
                (
                    "efficientnet_b0",
                    "features[2][0], features",
                    ["features_2_0", "features"],
                    "features.2.1.block.0.0",
                    "features_2_0"
                ),
                ("resnet18", "layer1[0], layer1, layer2", ["layer1_0", "layer1", "layer2"], "layer2.0.conv1", "layer1"),
                ("mit_b0", "block1[0], norm2", ["block1_0", "norm2"], "block1.1.norm1", "block1_0"),
            }
        )
        {
            var mixed = Exchanged(backbone, $"exchange mix: left, right at {stages} {{ using: stitch }}");
            var alone = Exchanged(backbone, "");
            Assert.Equal(Names(alone, "left"), Names(mixed, "left"));
            Assert.Equal(Names(alone, "right"), Names(mixed, "right"));
            Assert.Equal(
                from stage in names
                from map in new[] { 0, 1 }
                from tensor in new[] { "weight", "bias" }
                select $"mix.{stage}.{map}.{tensor}",
                Names(mixed, "mix")
            );
            var nodes = mixed.Training.Nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
            foreach (var (map, encoder) in new[] { "left", "right" }.Index())
                Assert.Equal($"mix.{read}.{map}", nodes[$"{encoder}.{reader}"].Inputs[0].Name);
        }
    }

    [Fact]
    public void What_is_frozen_is_not_trained_keeps_nothing_and_is_another_recipe()
    {
        const string text = """
            model small {
              task depth: depth
              encoder trunk: resnet18
              decoder head: trunk + skip trunk/4 -> depth { width: 32 }
              loss: l2(depth)
            }
            """;
        var (free, frozen) = (Programs.Compile(text).Program!, Programs.Compile(text, "trunk.frozen=true").Program!);
        var graph = frozen.Model.Training;
        Assert.Equal(11_176_512, graph.FrozenCount);
        Assert.Equal(free.Model.Training.TrainableCount, graph.TrainableCount + graph.FrozenCount);
        Assert.All(frozen.Model.TrainingStep.Nodes, n => Assert.Equal(n.Declaration == "trunk", n.IsFrozen));
        Assert.Contains("\n# trunk, frozen\n", TextDump.Write(graph), StringComparison.Ordinal);
        Assert.NotEqual(RecipeDigest.Of(free).Recipe, RecipeDigest.Of(frozen).Recipe);
        var (before, after) = (
            Compiler.Planning.MemoryPlan.Of(free, 4, new(128, 128)),
            Compiler.Planning.MemoryPlan.Of(frozen, 4, new(128, 128))
        );
        Assert.Equal(before.Training.Parameters, after.Training.Parameters);
        Assert.Equal(4 * graph.TrainableCount, after.Training.Gradients);
        Assert.Equal(8 * graph.TrainableCount, after.Training.OptimizerState);
        Assert.Equal(
            0,
            after.Training.ByDeclaration["trunk"]
                - after.Work.Bytes(Node("trunk.layer4.1"))
                - after.Work.Bytes(Node("trunk.layer1.1"))
        );
        var summary = Summary.Of(frozen.Model, new(128, 128));
        Assert.Equal((0, 11_176_512), (summary.Declarations[0].Parameters, summary.Declarations[0].Frozen));
        Assert.Equal("MTL2041", Assert.Single(Programs.Compile(text, "trunk.frozen=true", "head.frozen=true").Diagnostics).Code);

        Node Node(string name) => frozen.Model.TrainingStep.Nodes.Single(n => n.Name == name);
    }

    [Fact]
    public void Several_skips_are_merged_from_coarse_to_fine()
    {
        var model = Programs.Example("pyramid");
        var laterals = model.Training.Nodes.Where(n =>
            n.Name.StartsWith("semseg_head.merged.", StringComparison.Ordinal)
            && n.Name.EndsWith(".lateral", StringComparison.Ordinal)
        );
        Assert.Equal(
            ["128 x H/16 x W/16", "64 x H/8 x W/8", "48 x H/4 x W/4", "32 x H/2 x W/2"],
            laterals.Select(n => n.Shape.ToString())
        );
        Assert.Equal("64 x H/2 x W/2", model.Declarations.Single(d => d.Name == "semseg_head").Result!.Shape.ToString());
    }

    [Fact]
    public void A_skip_is_concatenated_behind_its_projection_with_bias_and_without_norm()
    {
        var graph = Programs.Example("branched").Training;
        var joined = graph.Nodes.Single(n => n.Name == "depth_head.merged.0.joined");
        Assert.IsType<Concat>(joined.Op);
        Assert.Equal([256, 48], joined.Inputs.Select(i => i.Shape.Channels));
        Assert.Equal(
            ["depth_head.merged.0.lateral.weight", "depth_head.merged.0.lateral.bias"],
            joined.Inputs[1].Parameters.Select(p => p.Name)
        );
    }

    [Fact]
    public void A_statement_marks_its_own_nodes_as_recomputed_and_passes_keep_the_mark()
    {
        const string text = """
            component sharpen(x, by = 0.5) { return x + relu(conv(x, channels(x), kernel: 3)) }
            model small {
              task depth: depth
              encoder trunk: resnet18 { recompute: true }
              aspp context: trunk -> 64
              decoder depth: context + skip trunk/4 -> depth { width: 32, recompute: false }
              refine depth: sharpen(by: 0.25) { recompute: true }
              loss: l2(depth)
            }
            """;
        var model = Compilation.Compile(new("small.mtl", text), null, ["context.recompute=true"]).Program!.Model;
        foreach (var graph in new[] { model.Training, model.TrainingStep })
        {
            Assert.All(
                graph.Nodes,
                n =>
                    Assert.Equal(
                        n.Declaration is "trunk" or "context" || n.Name.StartsWith("depth.refine", StringComparison.Ordinal),
                        n.IsRecomputed
                    )
            );
            Assert.Equal(["trunk", "context", "depth"], Graph.Regions(graph.Nodes).Select(r => graph.Nodes[r.First].Declaration));
        }
        var dump = TextDump.Write(model.TrainingStep);
        Assert.Contains("\n# context, recomputed in the backward pass\n", dump, StringComparison.Ordinal);
        Assert.Contains("\n# depth\n", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("recomputed", TextDump.Write(model.Inference), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sharpen(by: 0.25) { recompute: 3 }", "MTL2006", "recompute")]
    [InlineData("sharpen(by: 0.25) { recompte: true }", "MTL2005", "recompte")]
    public void A_refinement_has_no_other_setting(string refinement, string code, string word)
    {
        var text = $$"""
            component sharpen(x, by = 0.5) { return by * x }
            model small {
              task depth: depth
              encoder trunk: resnet18
              decoder head: trunk -> depth
              refine depth: {{refinement}}
              loss: l2(depth)
            }
            """;
        var found = Assert.Single(Compilation.Compile(new("small.mtl", text)).Diagnostics);
        Assert.Equal(code, found.Code);
        Assert.Contains(word, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attended_features_are_added()
    {
        var graph = Programs.Example("distillation").Training;
        var sum = graph.Nodes.Single(n => n.Op is Sum && n.Declaration == "semseg_2");
        Assert.Equal(["semseg_1", "from_depth"], sum.Inputs.Select(i => i.Declaration));
    }

    [Fact]
    public void Each_use_of_an_attention_reads_the_same_module()
    {
        var graph = Programs.Example("contour").Training;
        Assert.Equal(2, graph.Parameters.Count(p => p.Name.StartsWith("from_contour.", StringComparison.Ordinal)));
        Assert.Equal(2, graph.Nodes.Count(n => n.Op is Sum && n.Inputs.Any(i => i.Declaration == "from_contour")));
    }

    [Fact]
    public void A_task_with_several_decoders_is_scored_by_the_last_and_trained_by_all()
    {
        var model = Programs.Example("distillation");
        Assert.Equal(
            ["depth_2", "semseg_2"],
            model.Training.Outputs.Where(o => o.IsFinal).Select(o => o.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            ["depth_1", "depth_2", "semseg_1", "semseg_2"],
            model.Training.Outputs.Select(o => o.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(["semseg", "depth"], model.Inference.Outputs.Select(o => o.Name));
        Assert.Equal(
            "0.5 * mean(cross_entropy(semseg_1), cross_entropy(semseg_2)) + 0.5 * mean(l2(depth_1), l2(depth_2))",
            ObjectiveText.Write(model.Objective)
        );
    }

    [Fact]
    public void The_name_of_a_decoder_in_the_loss_is_its_prediction_alone()
    {
        var model = Programs.Model(
            File.ReadAllText(Path.Combine(Programs.Root, "examples", "distillation.mtl"))
                .Replace("import \"recipe.mtl\"", "", StringComparison.Ordinal)
                .Replace("l2(depth)", "l2(depth_2)", StringComparison.Ordinal)
        );
        Assert.Equal(["semseg_1", "semseg_2", "depth_2"], model.Objective.Terms.SelectMany(t => t.Outputs));
        Assert.DoesNotContain(model.Training.Outputs, o => o.Name == "depth_1");
    }

    [Fact]
    public void The_final_prediction_is_found_through_attention_of_other_tasks()
    {
        var model = Programs.Model(
            """
            model net {
              task a: depth
              task b: depth { unit: log }
              encoder trunk: resnet18
              decoder a1: trunk -> a
              attention from_a: a1
              decoder b1: from_a -> b
              attention from_b: b1
              decoder a2: from_b -> a
              loss: l2(a) + l1(b)
            }
            """
        );
        Assert.Equal(
            ["a2", "b1"],
            model.Training.Outputs.Where(o => o.IsFinal).Select(o => o.Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Several_tasks_of_a_decoder_share_one_convolution_split_in_the_order_written()
    {
        var graph = Programs.Example("joint").Training;
        Assert.Equal([20, 256, 3, 3], graph.Parameters.Single(p => p.Name == "head.predict.weight").Dimensions);
        var slices = graph.Nodes.Where(n => n.Op is Slice && n.Declaration == "head").Select(n => (Slice)n.Op).ToList();
        Assert.Equal([(0, 19), (19, 1)], slices.Select(s => (s.Start, s.Count)));
        Assert.Equal(["head.semseg", "head.depth"], graph.Outputs.Select(o => o.Name));
    }

    [Fact]
    public void A_prediction_is_upsampled_then_activated()
    {
        var graph = Programs.Example("full").Training;
        var contour = graph.Outputs.Single(o => o.Task == "contour").Value;
        Assert.Equal(("sigmoid", "resize_like"), (contour.Op.Name, contour.Inputs[0].Op.Name));
        var normals = graph.Outputs.Single(o => o.Task == "normals").Value;
        Assert.Equal(("tanh", "resize_like", 3), (normals.Op.Name, normals.Inputs[0].Op.Name, normals.Shape.Channels));
        Assert.All(graph.Outputs.Where(o => o.Task is "semseg" or "depth"), o => Assert.Equal("resize_like", o.Value.Op.Name));
    }

    [Fact]
    public void A_refinement_reads_the_full_size_prediction_before_its_activation()
    {
        var graph = Programs.Example("canny").Training;
        var semseg = graph.Outputs.Single(o => o is { Task: "semseg", IsFinal: true }).Value;
        var concat = semseg.Inputs[0];
        Assert.Equal(("conv", "concat"), (semseg.Op.Name, concat.Op.Name));
        Assert.Equal(["resize_like", "canny"], concat.Inputs.Select(i => i.Op.Name));
        Assert.Equal([19, 20, 5, 5], graph.Parameters.Single(p => p.Name == "semseg.refine.weight").Dimensions);
    }

    [Fact]
    public void At_brings_a_decoder_without_skips_to_a_finer_resolution()
    {
        var graph = Programs.Example("baseline").Training;
        var resize = graph.Nodes.Single(n => n.Op is Resize);
        Assert.Equal((8, "256 x H/4 x W/4"), (((Resize)resize.Op).Scale, resize.Shape.ToString()));
        Assert.Equal([20, 256, 1, 1], graph.Parameters.Single(p => p.Name == "head.predict.weight").Dimensions);
    }

    [Fact]
    public void An_auxiliary_task_is_trained_and_not_scored()
    {
        var model = Programs.Model(
            """
            model net {
              task depth: depth
              task log_depth: depth { unit: log, auxiliary: true }
              encoder trunk: resnet18
              decoder head: trunk -> depth, log_depth
              loss: l2(depth) + 0.1 * l1(log_depth)
            }
            """
        );
        Assert.Equal(2, model.Training.Outputs.Length);
        Assert.Equal("depth", Assert.Single(model.Inference.Outputs).Task);
        Assert.Equal((DepthUnit.Log, true), (((DepthTask)model.Task("log_depth")).Unit, model.Task("log_depth").Auxiliary));
    }

    [Fact]
    public void Derived_tasks_know_what_they_are_computed_from()
    {
        var model = Programs.Example("full");
        Assert.Equal(
            ("contour", "semseg", 1),
            (model.Task("contour").Kind.Word, model.Task("contour").Of, model.Task("contour").Channels)
        );
        Assert.Equal(
            ("normals", "depth", 3),
            (model.Task("normals").Kind.Word, model.Task("normals").Of, model.Task("normals").Channels)
        );
    }

    [Theory]
    [InlineData("uncertainty(cross_entropy(semseg), l2(depth))", "uncertainty(cross_entropy(semseg_head), l2(depth_head))")]
    [InlineData(
        "dwa(cross_entropy(semseg), 2 * l1(depth), temperature: 3)",
        "dwa(cross_entropy(semseg_head), 2 * l1(depth_head), temperature: 3)"
    )]
    [InlineData("(cross_entropy(semseg) + l2(depth)) / 4", "0.25 * (cross_entropy(semseg_head) + l2(depth_head))")]
    [InlineData("cross_entropy(semseg) * 0.2 + 2 * 3 * l2(depth_head)", "0.2 * cross_entropy(semseg_head) + 6 * l2(depth_head)")]
    public void Losses_expand_to_predictions_and_weights(string loss, string expanded)
    {
        var text = File.ReadAllText(Path.Combine(Programs.Root, "examples", "branched.mtl"))
            .Replace("import \"recipe.mtl\"", "", StringComparison.Ordinal);
        Assert.Equal(
            expanded,
            ObjectiveText.Write(
                Programs
                    .Model(text.Replace("0.5 * cross_entropy(semseg) + 0.5 * l2(depth)", loss, StringComparison.Ordinal))
                    .Objective
            )
        );
    }

    /// <summary>The nodes that these features are, read by a concatenation after resizing.</summary>
    static IEnumerable<string> Features(string features) =>
        Programs
            .Model(
                $$"""
                model net {
                  task depth: depth
                  encoder trunk: resnet18
                  let all = concat([for f in [{{features}}]: resize_like(f, trunk/4)])
                  decoder head: all -> depth
                  loss: l2(depth)
                }
                """
            )
            .Training.Nodes.Where(n => n.Op is ResizeLike && n.Declaration == "all")
            .Select(n => n.Inputs[0].Name);
}
