using Mtlc.Compiler.Ops;
using Mtlc.Compiler.Recipes;
using Mtlc.Compiler.Tasks;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Binding;

/// <summary>`set` in a file, and `--set` of the command line, on every kind of path.</summary>
public class SetTests
{
    const string Network = """
        data { source: synthetic { scenes: 64, size: 256x512 } }
        train { optimizer: adam { lr: 1e-3 }, batch: 4 }
        let context_width = 64

        model net {
          task depth: depth
          encoder trunk: resnet18 { dilate: [false, false, true] }
          aspp context: trunk -> context_width { rates: [3, 6] }
          decoder head: context -> depth { convs: 1 }
          let weight = 0.5
          loss: weight * l2(depth)
        }

        """;

    public static TheoryData<string, Func<Compiler.CompiledProgram, object>, object> Paths =>
        new()
        {
            { "train.batch = 8", p => p.Train.Batch, 8 },
            { "train.seed = 3", p => p.Train.Seed, 3 },
            { "train.optimizer.lr = 0.01", p => p.Train.Optimizer, new AdamRecipe(0.01) },
            { "train.optimizer = sgd", p => p.Train.Optimizer, new SgdRecipe() },
            { "train.optimizer = sgd { momentum: 0.8 }", p => p.Train.Optimizer, new SgdRecipe(Momentum: 0.8) },
            { "train.evaluate.absent = zero", p => p.Train.Evaluate.Absent, AbsentClasses.Zero },
            { "train.schedule.power = 1", p => p.Train.Schedule, new PolyRecipe(1) },
            { "data.source.scenes = 32", p => ((SyntheticRecipe)p.Data.Source).Scenes, 32 },
            { "data.source = miniscapes(\"data\")", p => p.Data.Source, new MiniScapesRecipe(new FilePath("data")) },
            { "data.augment.scale = 0.5..2", p => p.Data.Augment.Scale, new Interval(0.5, 2) },
            { "data.augment.crop = 128x256", p => p.Data.Augment.Crop, new ImageSize(128, 256) },
            { "data.augment.flip = false", p => p.Data.Augment.Flip, false },
            { "trunk.dilate = [false, true, true]", p => Shape(p, "trunk"), "512 x H/8 x W/8" },
            { "trunk.dilate.2 = false", p => Shape(p, "trunk"), "512 x H/32 x W/32" },
            {
                "context.rates = [2, 4, 8]",
                p => p.Model.Training.Nodes.Single(n => n.Op is Concat && n.Declaration == "context").Shape.Channels,
                5 * 64
            },
            { "context.rates.0 = 9", p => p.Model.Training.Nodes.Count(n => n.Op is Conv { Dilation: 9 }), 1 },
            { "context.out = 32", p => Shape(p, "context"), "32 x H/16 x W/16" },
            { "context_width = 16", p => Shape(p, "context"), "16 x H/16 x W/16" },
            {
                "head.kernel = 1",
                p => p.Model.Training.Parameters.Single(q => q.Name == "head.predict.weight").Dimensions[^1],
                1
            },
            { "depth.unit = log", p => ((DepthTask)p.Model.Task("depth")).Unit, Compiler.Ir.DepthUnit.Log },
            { "weight = 0.25", p => Compiler.Lowering.ObjectiveText.Write(p.Model.Objective), "0.25 * l2(head)" },
        };

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_file_sets_one_thing(string set, Func<Compiler.CompiledProgram, object> read, object value) =>
        Assert.Equal(value, read(Programs.Valid(Programs.Compile(Network + "set " + set + "\n"))));

    [Theory]
    [MemberData(nameof(Paths))]
    public void The_command_line_sets_the_same_things(string set, Func<Compiler.CompiledProgram, object> read, object value) =>
        Assert.Equal(value, read(Programs.Valid(Programs.Compile(Network, set.Replace(" = ", "=", StringComparison.Ordinal)))));

    [Fact]
    public void The_command_line_has_the_last_word_and_a_later_set_the_word_before() =>
        Assert.Equal(
            16,
            Programs.Valid(Programs.Compile(Network + "set train.batch = 6\nset train.batch = 8\n", "train.batch=16")).Train.Batch
        );

    [Fact]
    public void A_new_choice_forgets_the_settings_of_the_old_one() =>
        Assert.Equal(new SgdRecipe(), Programs.Valid(Programs.Compile(Network + "set train.optimizer = sgd\n")).Train.Optimizer);

    [Fact]
    public void An_importing_file_sets_what_it_imports()
    {
        var program = Programs.Valid(Programs.CompileExample("dilated"));
        Assert.Equal("512 x H/16 x W/16", Shape(program, "trunk"));
        Assert.Equal("512 x H/32 x W/32", Shape(Programs.Valid(Programs.CompileExample("baseline")), "trunk"));
    }

    [Theory]
    [InlineData("head", "", "depth.refine.recompute=true", true)]
    [InlineData("head", " { recompute: true }", "depth.refine.recompute=false", false)]
    [InlineData("depth", "", "depth.refine.recompute=true", true)] // a decoder called like its task
    [InlineData("depth", "", "depth.recompute=true", false)] // is that decoder's
    public void A_refinement_is_set_behind_its_task(string decoder, string settings, string set, bool recomputed)
    {
        var network =
            Network
                .Replace("decoder head", $"decoder {decoder}", StringComparison.Ordinal)
                .Replace("let weight", $"refine depth: sharpen(){settings}\n  let weight", StringComparison.Ordinal)
            + "component sharpen(x) {\n  return x |> conv(channels(x), kernel: 3)\n}\n";
        bool IsRecomputed(params string[] sets) =>
            Programs
                .Valid(Programs.Compile(network, sets))
                .Model.Training.Nodes.Single(n => n.Op is Conv && n.Name == "depth.refine")
                .IsRecomputed;
        Assert.Equal(settings.Length > 0, IsRecomputed());
        Assert.Equal(recomputed, IsRecomputed(set));
        var sweep = Programs.Compile(
            network + "sweep s {\n  depth.refine.recompute: [true, false]\n  depth.refine.recomputed: [true]\n}\n"
        );
        Assert.Equal("the refinement of 'depth' has no setting 'recomputed'", Assert.Single(sweep.Diagnostics).Message);
    }

    [Fact]
    public void Every_point_of_a_sweep_is_tried()
    {
        var right = Programs.Compile(
            Network
                + "sweep s {\n  train.optimizer: [sgd, adam]\n  train.optimizer.lr: [1e-3, 1e-4] with train.batch: [4, 8]\n  "
                + "context_width: [32, 64]\n}\n"
        );
        Assert.Equal(["s"], Programs.Valid(right).Sweeps);
        var wrong = Programs.Compile(Network + "sweep s {\n  context.rates: [[3, 6], [3, 2000]]\n}\n");
        Assert.Equal("2000", Assert.Single(wrong.Diagnostics).Span.Text);
    }

    [Fact]
    public void The_command_line_sets_after_the_sweep() =>
        Assert.NotNull(Programs.Compile(Network + "sweep s {\n  train.batch: [4, 8]\n}\n", "train.batch=2").Program);

    static string Shape(Compiler.CompiledProgram program, string box) =>
        program.Model.Declarations.Single(d => d.Name == box).Result!.Shape.ToString();

    public static TheoryData<string, Func<Compiler.CompiledProgram, object>, object> Orders =>
        new()
        {
            { "train.optimizer.lr = 0.5; train.optimizer = sgd", p => p.Train.Optimizer, new SgdRecipe(0.5) },
            {
                "train.optimizer.momentum = 0.5; train.optimizer = sgd { lr: 0.1 }",
                p => p.Train.Optimizer,
                new SgdRecipe(0.1, 0.5)
            },
            { "train.optimizer.lr = 0.5; train.optimizer = sgd { lr: 0.1 }", p => p.Train.Optimizer, new SgdRecipe(0.1) },
            { "train.optimizer = sgd { lr: 0.1 }; train.optimizer.lr = 0.5", p => p.Train.Optimizer, new SgdRecipe(0.5) },
            {
                "train.optimizer.lr = 0.5; train.optimizer = adam; train.optimizer.eps = 1e-6; train.optimizer = adamw",
                p => p.Train.Optimizer,
                new AdamWRecipe(0.5, Eps: 1e-6)
            },
            { "train.schedule.warmup = 2; train.schedule = cosine", p => p.Train.Schedule, new CosineRecipe(Warmup: 2) },
            {
                "train.evaluate.every = 3; train.evaluate = { samples: 1 }",
                p => p.Train.Evaluate,
                new EvaluateRecipe(Every: 3, Samples: 1)
            },
            {
                "data.augment.flip = false; data.augment = { crop: 64 }",
                p => (p.Data.Augment.Flip, p.Data.Augment.Crop),
                (false, new ImageSize(64, 64))
            },
            { "data.source.scenes = 5; data.source = synthetic", p => ((SyntheticRecipe)p.Data.Source).Scenes, 5 },
            {
                "context.rates.0 = 9; context.rates = [2, 4, 8]",
                p => p.Model.Training.Nodes.Count(n => n.Op is Conv { Dilation: 9 }),
                0
            },
        };

    /// <summary>A later setting replaces an earlier one of its name and nothing else, wherever the two stand.</summary>
    [Theory]
    [MemberData(nameof(Orders))]
    public void No_order_loses_a_setting(string sets, Func<Compiler.CompiledProgram, object> read, object expected)
    {
        string[] each = sets.Split("; ");
        for (var inFile = 0; inFile <= each.Length; inFile++)
        {
            var text = Network + string.Concat(each.Take(inFile).Select(s => $"set {s}\n"));
            var compiled = Compiler.Compilation.Compile(new("main.mtl", text), null, each[inFile..]);
            Assert.Empty(compiled.Diagnostics.Where(d => d.Severity == Dsl.Diagnostics.Severity.Error).Select(d => d.Message));
            Assert.Equal(expected, read(compiled.Program!));
        }
    }

    [Theory]
    [InlineData("train.optimizer.momentum = 0.5; train.optimizer = adam", "momentum")]
    [InlineData("train.schedule.gamma = 0.5; train.schedule = cosine", "gamma")]
    [InlineData("data.source.scenes = 5; data.source = miniscapes(\"data\")", "scenes")]
    [InlineData("context.rates.2 = 9; context.rates = [2, 4]", "2")]
    public void What_a_later_choice_has_no_place_for_is_an_error_where_it_was_set(string sets, string word)
    {
        var text = Network + string.Concat(sets.Split("; ").Select(s => $"set {s}\n"));
        var error = Assert.Single(
            Compiler.Compilation.Compile(new("main.mtl", text)).Diagnostics,
            d => d.Severity == Dsl.Diagnostics.Severity.Error
        );
        Assert.Equal(word, error.Span.Text);
    }

    [Fact]
    public void A_setting_twice_in_the_braces_of_one_set_is_an_error()
    {
        var compiled = Compiler.Compilation.Compile(new("main.mtl", Network), null, ["train.optimizer=sgd { lr: 0.1, lr: 0.2 }"]);
        Assert.Equal("MTL2010", Assert.Single(compiled.Diagnostics).Code);
    }
}
