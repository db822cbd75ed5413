using Mtlc.Compiler;
using Mtlc.Compiler.Experiments;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Dsl.Text;

namespace Mtlc.Tests.Experiments;

public class ReportPlanTests
{
    static ReportCompilation Compile(string report, string[]? sets = null) =>
        ReportPlan.Compile(
            new("reports/r.mtl", report),
            path =>
                path switch
                {
                    "reports/small.mtl" => new(path, Sweeping.Model),
                    "reports/study.mtl" => new(
                        path,
                        Sweeping.Model
                            + "sweep s { train.optimizer: [sgd, adam]\n train.optimizer.lr: [1e-3]\n train.seed: range(3) }"
                    ),
                    "reports/wrong.mtl" => new SourceText(
                        path,
                        Sweeping.Model.Replace("trunk/4", "trunk/5", StringComparison.Ordinal)
                    ),
                    _ => null,
                },
            sets
        );

    [Fact]
    public void Rows_are_the_recipes_of_programs_and_sweeps()
    {
        var compiled = Compile(
            """
            report r {
              t: table { caption: "A # caption", runs: ["small.mtl", sweep("study.mtl", s)], scores: ["semseg/mean_iou", multitask], costs: time, baseline: 2 }
              c: curves { runs: "small.mtl", labels: "mine" }
            }
            """
        );

        Assert.Empty(compiled.Diagnostics);
        var (table, curves) = (compiled.Plan!.Items[0], compiled.Plan.Items[1]);
        Assert.Equal(("t", ReportItemKind.Table, "A # caption", 1), (table.Name, table.Kind, table.Caption, table.Baseline));
        Assert.Equal(["small", "sgd, lr 1e-3", "adam, lr 1e-3"], table.Rows.Select(r => r.Label)); // three seeds, one recipe
        Assert.Equal(RecipeDigest.Of(Sweeping.Program(Sweeping.Model)).Recipe, table.Rows[0].Recipe);
        Assert.Equal(["semseg/mean_iou", "multitask"], table.Scores);
        Assert.Equal(["time"], table.Costs);
        Assert.Equal((ReportItemKind.Curves, "mine", -1), (curves.Kind, curves.Rows.Single().Label, curves.Baseline));
    }

    [Fact]
    public void The_command_line_changes_every_program()
    {
        var plan = Compile("report r { t: table { runs: \"small.mtl\" } }", ["train.batch=2"]).Plan!;

        Assert.Equal(RecipeDigest.Of(Sweeping.Program(Sweeping.Model, ["train.batch=2"])).Recipe, plan.Items[0].Rows[0].Recipe);
    }

    [Theory]
    [InlineData("report r { t: tabel { runs: \"small.mtl\" } }", "MTL2042")]
    [InlineData("report r { t: table { caption: \"x\" } }", "MTL2008")]
    [InlineData("report r { t: table { runs: 3 } }", "MTL2042")]
    [InlineData("report r { t: table { runs: \"nowhere.mtl\" } }", "MTL2002")]
    [InlineData("report r { t: table { runs: \"wrong.mtl\" } }", "MTL2042")]
    [InlineData("report r { t: table { runs: sweep(\"study.mtl\", other) } }", "MTL2042")]
    [InlineData("report r { t: table { runs: \"small.mtl\", labels: [\"a\", \"b\"] } }", "MTL2042")]
    [InlineData("report r { t: table { runs: \"small.mtl\", costs: money } }", "MTL2025")]
    [InlineData("report r { t: table { runs: \"small.mtl\", baseline: 2 } }", "MTL2042")]
    [InlineData("report r { t: table { rums: \"small.mtl\", runs: \"small.mtl\" } }", "MTL2005")]
    [InlineData("let a = 1", "MTL2042")]
    public void What_is_wrong_is_said(string report, string code) =>
        Assert.Equal(code, Assert.Single(Compile(report).Diagnostics, d => d.Severity == Severity.Error).Code);
}
