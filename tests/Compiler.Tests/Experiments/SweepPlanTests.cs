using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Recipes;
using Mtlc.Dsl.Diagnostics;

namespace Mtlc.Tests.Experiments;

public class SweepPlanTests
{
    [Fact]
    public void Lines_multiply_and_the_last_varies_fastest()
    {
        var plan = Sweeping.Plan("sweep s { train.batch: [2, 4]\n depth_weight: [0.1, 0.3, 0.5] }");

        Assert.Equal(["train.batch", "depth_weight"], plan.Paths);
        Assert.Equal(
            ["2 0.1", "2 0.3", "2 0.5", "4 0.1", "4 0.3", "4 0.5"],
            plan.Points.Select(p => string.Join(' ', p.Settings.Select(s => s.Value)))
        );
        Assert.Equal([2, 2, 2, 4, 4, 4], plan.Points.Select(p => p.Program.Train.Batch));
        Assert.Equal(6, plan.Points.Select(p => p.Digest.Run).Distinct().Count());
    }

    [Fact]
    public void With_pairs_lists()
    {
        var plan = Sweeping.Plan("sweep s { train.batch: [1, 2, 4] with train.epochs: [4, 8, 16] }");

        Assert.Equal([(1, 4), (2, 8), (4, 16)], plan.Points.Select(p => (p.Program.Train.Batch, p.Program.Train.Epochs)));
    }

    [Fact]
    public void Later_lines_see_what_earlier_ones_set()
    {
        var plan = Sweeping.Plan("sweep s { train.optimizer: [sgd { momentum: 0.9 }, adam]\n train.optimizer.lr: [1e-2, 1e-3] }");

        Assert.Equal(
            [(typeof(SgdRecipe), 1e-2), (typeof(SgdRecipe), 1e-3), (typeof(AdamRecipe), 1e-2), (typeof(AdamRecipe), 1e-3)],
            plan.Points.Select(p => (p.Program.Train.Optimizer.GetType(), p.Program.Train.Optimizer.Lr))
        );
    }

    [Fact]
    public void Each_point_is_the_program_with_its_sets_on_the_command_line()
    {
        var plan = Sweeping.Plan(
            "sweep s { train.optimizer: [sgd { # by hand\n momentum: 0.8\n lr: 0.1 }]\n trunk.dilate: [[false, false, "
                + "true]]\n train.seed: range(2) }"
        );

        foreach (var point in plan.Points)
        {
            var alone = Sweeping.Program(Sweeping.Model, [.. point.Settings.Select(s => s.Set)]);
            Assert.Equal(point.Digest, Mtlc.Compiler.RecipeDigest.Of(alone));
        }
    }

    [Fact]
    public void Data_lie_beside_the_sweep_and_the_points_own_command_lines_find_them()
    {
        var text =
            Sweeping.Model + "sweep s { data.source: [miniscapes(\"a\"), manifest(\"/b/c.yaml\")]\n trunk.weights: [\"w.pth\"] }";
        var plan = SweepPlan.Compile(new("nets/main.mtl", text)).Plan!;

        Assert.Equal(
            [
                "data.source=miniscapes(\"nets/a\") trunk.weights=\"nets/w.pth\"",
                "data.source=manifest(\"/b/c.yaml\") trunk.weights=\"nets/w.pth\"",
            ],
            plan.Points.Select(p => string.Join(' ', p.Settings.Select(s => s.Set)))
        );
        foreach (var point in plan.Points)
        {
            var alone = Compilation.Compile(new("nets/main.mtl", text), null, [.. point.Settings.Select(s => s.Set)]).Program!;
            Assert.Equal(point.Digest, RecipeDigest.Of(alone));
        }
        Assert.Equal("nets/a", Assert.IsType<MiniScapesRecipe>(plan.Points[0].Program.Data.Source).Path.Full);
    }

    [Fact]
    public void The_command_line_sets_what_the_sweep_does_not_vary()
    {
        var plan = Sweeping.Plan(
            "sweep s { train.batch: [1, 2]\n train.optimizer: [sgd, adam] }\nset train.epochs = 2",
            sets: ["train.epochs=3", "train.optimizer.lr=0.5"]
        );

        Assert.Equal([1, 1, 2, 2], plan.Points.Select(p => p.Program.Train.Batch));
        Assert.All(plan.Points, p => Assert.Equal((3, 0.5), (p.Program.Train.Epochs, p.Program.Train.Optimizer.Lr)));
        // An optimizer for all, and the rates that the sweep varies.
        var rates = Sweeping.Plan("sweep s { train.optimizer.lr: [0.1, 0.2] }", sets: ["train.optimizer=sgd"]);
        Assert.Equal(
            [(typeof(SgdRecipe), 0.1), (typeof(SgdRecipe), 0.2)],
            rates.Points.Select(p => (p.Program.Train.Optimizer.GetType(), p.Program.Train.Optimizer.Lr))
        );
    }

    [Theory]
    [InlineData("train.batch: [1, 2]", "train.batch=8", "train.batch")]
    [InlineData("depth_weight: [0.1, 0.2]", "depth_weight=0.3", "depth_weight")]
    [InlineData("train.optimizer.lr: [0.1, 0.2]", "train.optimizer=sgd { lr: 0.3 }", "train.optimizer.lr")]
    [InlineData("train.optimizer: [adam, sgd { lr: 0.1 }]", "train.optimizer.lr=0.3", "train.optimizer")]
    [InlineData("train.seed: [1] with train.batch: [2]", "train.batch=8", "train.batch")]
    [InlineData("trunk.dilate.2: [true, false]", "trunk.dilate=[false, false, true]", "trunk.dilate.2")]
    [InlineData("model: [\"a.mtl\"]", "model=\"b.mtl\"", "model")]
    public void What_the_sweep_varies_the_command_line_may_not_replace(string line, string set, string varied)
    {
        var compiled = Sweeping.Compile(
            $"sweep s {{ {line} }}",
            Sweeping.Model.Replace("resnet18", "resnet18 { dilate: [false, false, false] }"),
            sets: [set],
            files: [("a.mtl", Sweeping.Model), ("b.mtl", Sweeping.Model)]
        );

        Assert.Null(compiled.Plan);
        var error = Assert.Single(compiled.Diagnostics, d => d.Severity == Severity.Error);
        Assert.Equal(("MTL2050", $"the sweep varies {varied}, and this replaces its values"), (error.Code, error.Message));
        Assert.Equal(set.Split('=')[0], error.Span.Text);
        Assert.Equal("--set", error.Span.Source.Path);
        Assert.Equal(varied, Assert.Single(error.Notes).Span?.Text);
    }

    [Fact]
    public void Repeats_differ_in_the_seed_alone()
    {
        var plan = Sweeping.Plan("sweep s { depth_weight: [0.3, 0.5]\n train.seed: [for s in range(3): s * 10] }");

        Assert.Equal([0, 10, 20, 0, 10, 20], plan.Points.Select(p => p.Program.Train.Seed));
        Assert.Equal(2, plan.Points.Select(p => p.Digest.Recipe).Distinct().Count());
        Assert.Equal(6, plan.Points.Select(p => p.Digest.Run).Distinct().Count());
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("log_uniform")]
    public void Random_values_lie_in_their_range_and_are_the_same_each_time(string draw)
    {
        double[] Draw(int seed) =>
            [
                .. Sweeping
                    .Plan($"sweep s {{ train.optimizer.lr: {draw}(1e-5, 1e-1, count: 40, seed: {seed}) }}")
                    .Points.Select(p => p.Program.Train.Optimizer.Lr),
            ];

        var values = Draw(1);

        Assert.Equal(40, values.Distinct().Count());
        Assert.All(values, v => Assert.InRange(v, 1e-5, 1e-1));
        Assert.Equal(values, Draw(1));
        Assert.NotEqual(values, Draw(2));
        // Half of a log-uniform range of four decades lies below its middle, 1e-3; of a uniform one hardly anything does.
        Assert.InRange(values.Count(v => v < 1e-3), draw == "uniform" ? 0 : 10, draw == "uniform" ? 5 : 30);
    }

    [Fact]
    public void Paired_random_lines_draw_independently()
    {
        var plan = Sweeping.Plan(
            "sweep s { train.optimizer.lr: uniform(0, 1, count: 20) with train.clip_norm: uniform(0, 1, count: 20) }"
        );

        Assert.All(plan.Points, p => Assert.NotEqual(p.Settings[0].Value, p.Settings[1].Value));
    }

    [Fact]
    public void Models_are_a_dimension()
    {
        var plan = Sweeping.Plan(
            "import \"recipe.mtl\" sweep s { model: [\"nets/small.mtl\", \"nets/large.mtl\"]\n train.seed: range(2) } set "
                + "train.epochs = 3",
            before: "",
            files:
            [
                ("nets/small.mtl", "import \"../recipe.mtl\"\n" + Sweeping.Model),
                ("nets/large.mtl", Sweeping.Model.Replace("resnet18", "resnet34")),
                ("recipe.mtl", "train { batch: 2 }"),
            ]
        );

        Assert.Equal(["small", "small", "large", "large"], plan.Points.Select(p => p.Settings[0].Label));
        Assert.All(plan.Points, p => Assert.Equal((2, 3), (p.Program.Train.Batch, p.Program.Train.Epochs)));
        Assert.True(plan.Points[2].Program.Model.Training.TrainableCount > plan.Points[0].Program.Model.Training.TrainableCount);
        Assert.Equal("main.mtl", plan.Points[0].Program.Sources[0].Path);
    }

    [Fact]
    public void A_program_s_own_model_gives_way_to_the_one_that_is_set()
    {
        var program = Sweeping.Program(
            Sweeping.Model,
            ["model=\"other.mtl\""],
            ("other.mtl", Sweeping.Model.Replace("model small", "model other"))
        );

        Assert.Equal("other", program.Model.Name);
    }

    [Fact]
    public void An_error_names_the_point_and_points_at_the_line()
    {
        var error = Sweeping.Error("sweep s { train.seed: [0, 1]\n train.batch: [4, 0] }");

        Assert.Equal("0", error.Span.Text);
        Assert.Contains(error.Notes, n => n.Message == "point 2 of sweep 's' sets train.batch = 0" && n.Span?.Text == "0");
        Assert.Contains(error.Notes, n => n.Message == "so do points 4");
    }

    [Fact]
    public void An_error_that_a_point_causes_elsewhere_leads_back_to_the_sweep()
    {
        var error = Sweeping.Error("sweep s { data.augment.crop: [256, 250] }");

        Assert.Contains(
            error.Notes,
            n => n.Message == "point 2 of sweep 's' sets data.augment.crop = 250" && n.Span?.Text == "250"
        );
    }

    [Theory]
    [InlineData("sweep s { train.batch: [1, 2] with train.epochs: [1, 2, 3] }", "MTL2026")]
    [InlineData("sweep s { train.batch: 4 }", "MTL2026")]
    [InlineData("sweep s { train.batch: [] }", "MTL2026")]
    [InlineData("sweep s { train.batch: range(0) }", "MTL2026")]
    [InlineData("sweep s { train.optimizer.lr: log_uniform(0, 1, count: 3) }", "MTL2007")]
    [InlineData("sweep s { train.optimizer.lr: uniform(0, 1) }", "MTL2008")]
    [InlineData("sweep s { train.seed: range(200)\n train.batch: range(1, 201) }", "MTL2031")]
    [InlineData("sweep s { train.bacth: [1] }", "MTL2005")]
    [InlineData("sweep s { model: [\"nowhere.mtl\"] }", "MTL2002")]
    [InlineData("", "MTL2040")]
    [InlineData("sweep s { train.batch: [1] } sweep t { train.batch: [2] }", "MTL2040")]
    public void What_cannot_be_swept_is_an_error(string sweep, string code) => Assert.Equal(code, Sweeping.Error(sweep).Code);

    [Theory]
    [InlineData("multitask, first: 1, factor: 3", "multitask", 3, new[] { 1, 3, 9, 16 })]
    [InlineData("\"semseg/mean_iou\", factor: 4", "semseg/mean_iou", 4, new[] { 1, 4, 16 })]
    [InlineData("first: 5", "multitask", 3, new[] { 5, 15, 16 })]
    public void Halving_has_rungs_up_to_the_recipe_s_end(string arguments, string metric, int factor, int[] rungs)
    {
        var plan = Sweeping.Plan($"sweep s {{ train.seed: range(9)\n stop: halving({arguments}) }}");

        Assert.Equal((metric, factor), (plan.Halving!.Metric, plan.Halving.Factor));
        Assert.Equal(rungs, plan.Halving.Rungs);
        Assert.Equal(["train.seed"], plan.Paths);
        Assert.Equal(9, plan.Points.Length);
        // It decides how far points are trained, not what they are.
        Assert.Equal(
            Sweeping.Plan("sweep s { train.seed: range(9) }").Points.Select(p => p.Digest),
            plan.Points.Select(p => p.Digest)
        );
    }

    [Fact]
    public void Of_27_points_with_factor_3_nine_three_and_one_go_on()
    {
        var halving = new Halving("multitask", 3, [1, 3, 9, 16]);

        Assert.Equal([27, 9, 3, 1], Enumerable.Range(0, 4).Select(r => halving.Expected(27, r)));
        Assert.Equal((27 * 1 + 9 * 2 + 3 * 6 + 1 * 7) / (27.0 * 16), halving.Share(27), 12);
    }

    [Theory]
    [InlineData("train.seed: [1]\n stop: halving(first: 0)", "MTL2007", "first")]
    [InlineData("train.seed: [1]\n stop: halving(factor: 1)", "MTL2007", "factor")]
    [InlineData("train.seed: [1]\n stop: halving(frist: 1)", "MTL2005", "frist")]
    [InlineData("train.seed: [1]\n stop: halving(\"semseg/rmse\")", "MTL2026", "no score 'semseg/rmse'")]
    [InlineData("train.seed: [1]\n stop: halving(first: 16)", "MTL2026", "ends after 16 epochs")]
    [InlineData("train.epochs: [8, 16]\n stop: halving()", "MTL2026", "point 2 has 16")]
    [InlineData("train.evaluate.every: [2]\n stop: halving()", "MTL2026", "every 2 epochs")]
    [InlineData("train.seed: [1]\n stop: halving()\n stop: halving()", "MTL2010", "'stop'")]
    public void What_cannot_be_halved_is_an_error(string lines, string code, string said)
    {
        var error = Sweeping.Error($"sweep s {{ {lines} }}");

        Assert.Equal(code, error.Code);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_let_may_be_called_stop()
    {
        var plan = Sweeping.Plan(
            "sweep s { stop: [0.3, 0.5] }",
            Sweeping.Model.Replace("depth_weight", "stop", StringComparison.Ordinal)
        );

        Assert.Equal(2, plan.Points.Length);
        Assert.Null(plan.Halving);
    }

    [Fact]
    public void One_of_several_sweeps_is_chosen_by_name()
    {
        var plan = Sweeping.Plan("sweep s { train.batch: [1] } sweep t { train.batch: [2, 3] }", name: "t");

        Assert.Equal(["2", "3"], plan.Points.Select(p => p.Program.Train.Batch.ToString(CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("train.optimizer.lr: [1e-3, 1e-4]\n train.optimizer: [sgd, adam]")]
    [InlineData("train.optimizer: [sgd, adam]\n train.optimizer.lr: [1e-3, 1e-4]")]
    [InlineData("train.optimizer.lr: [1e-3, 1e-4] with train.seed: [0, 1]\n train.optimizer: [sgd, adam]")]
    public void Points_train_what_their_labels_say_in_any_order_of_lines(string lines)
    {
        var plan = Sweeping.Plan($"sweep s {{ {lines} }}");

        Assert.Equal(4, plan.Points.Select(p => p.Digest.Run).Distinct().Count());
        foreach (var point in plan.Points)
        {
            var told = point.Settings.ToDictionary(s => s.Path, s => s.Value);
            Assert.Equal(told["train.optimizer"], point.Program.Train.Optimizer is SgdRecipe ? "sgd" : "adam");
            Assert.Equal(
                double.Parse(told["train.optimizer.lr"], CultureInfo.InvariantCulture),
                point.Program.Train.Optimizer.Lr
            );
        }
    }

    [Theory]
    [InlineData("train.optimizer: [sgd { lr: 0.1 }, adam]\n train.optimizer.lr: [1e-3, 1e-4]")]
    [InlineData("train.optimizer.lr: [1e-3, 1e-4]\n train.optimizer: [adam, sgd { lr: 0.1 }]")]
    [InlineData("data.augment: [{ crop: 64 }, { flip: true }]\n data.augment.crop: [32, 96]")]
    public void A_value_that_another_line_replaces_is_an_error_that_shows_both(string lines)
    {
        var error = Sweeping.Error($"sweep s {{ {lines} }}");
        Assert.Equal("MTL2050", error.Code);
        Assert.Single(error.Notes, n => n.Span is not null && n.Span != error.Span);
    }

    [Fact]
    public void The_command_line_changes_what_no_line_varies()
    {
        var plan = Sweeping.Plan("sweep s { train.optimizer.lr: [1e-3, 1e-4] }", sets: ["train.optimizer=sgd"]);
        Assert.Equal([new SgdRecipe(1e-3), new SgdRecipe(1e-4)], plan.Points.Select(p => p.Program.Train.Optimizer));
    }

    [Fact]
    public void Points_of_equal_recipe_name_the_first()
    {
        var plan = Sweeping.Plan("sweep s { train.batch: [2, 4, 2, 2.0] }");
        Assert.Equal([null, null, 1, 1], plan.Points.Select(p => p.Same));
    }
}
