using System.Text.Json;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reports.Runs;

public sealed class ComparisonTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    StoredRun Run(
        string name,
        double iou,
        double depth,
        int seed = 0,
        string? recipe = null,
        string model = "joint",
        double lr = 1e-4,
        string optimizer = "adam"
    ) => folder.Plant(name, model, [(iou, depth)], seed, lr, optimizer, recipe);

    [Fact]
    public void Table_1_of_the_report_comes_out_without_its_slip()
    {
        (string Optimizer, double Rate, double Depth, double IoU, double Printed)[] table =
        [
            ("sgd", 0.01, 27.422, 67.401, 39.979),
            ("sgd", 0.001, 32.69, 55.333, 22.643),
            ("sgd", 0.00001, 50.224, 15.226, 0),
            ("adam", 0.001, 27.651, 66.368, 38.718),
            ("adam", 0.0001, 26.749, 69.979, 43.229),
            ("adam", 0.00001, 32.721, 55.675, 22.957),
        ];
        var runs = table.Select((row, i) => Run($"r{i}", row.IoU, row.Depth, lr: row.Rate, optimizer: row.Optimizer)).ToList();

        var comparison = Comparison.Of(runs);

        Assert.Equal(["multitask", "semseg/mean_iou", "depth/si_log_rmse"], comparison.Columns.Select(c => c.Key));
        var scores = comparison.Rows.Select(r => r.Cells[0].Mean).ToList();
        Assert.All(table.SkipLast(1).Zip(scores), r => Assert.InRange(r.Second - r.First.Printed, -0.0011, 0.0011)); // as printed, to its rounding,
        Assert.Equal(22.954, scores[^1], 9); // but for the slip
        Assert.Equal([4, 4, 4], Enumerable.Range(0, 3).Select(c => comparison.Rows.ToList().FindIndex(r => r.Cells[c].IsBest)));
        Assert.Equal("optimizer adam, optimizer.lr 0.0001", comparison.Rows[4].Label);
    }

    [Fact]
    public void The_two_runs_of_one_recipe_in_the_report_differ_by_their_noise()
    {
        // 43.229 and 42.748 are one recipe; 42.61 is another weight: closer than two runs of the same.
        var a = Run("a", 69.979, 26.749, 0, "half");
        var b = Run("b", 69.754, 27.006, 1, "half");
        var c = Run("c", 68.734, 26.125, 0, "seven", lr: 2e-4);

        var comparison = Comparison.Of([a, b, c], a);

        Assert.Equal(2, comparison.Rows.Length);
        var (half, seven) = (comparison.Rows[0].Cells[0], comparison.Rows[1].Cells[0]);
        Assert.Equal((43.23 + 42.748) / 2, half.Mean, 3);
        Assert.Equal(Math.Abs(43.23 - 42.748) / Math.Sqrt(2), half.Deviation, 3);
        Assert.Equal(half.Deviation * Math.Sqrt(1.5), seven.Noise, 6);
        Assert.False(seven.IsDistinguishable);
        Assert.EndsWith(": not distinguishable", ScoreText.Difference(seven, comparison.Columns[0]), StringComparison.Ordinal);
        Assert.Null(Comparison.Of([a, c], a).Rows[1].Cells[0].IsDistinguishable); // no repeats, no noise
    }

    [Fact]
    public void Relative_change_counts_each_task_once_and_lower_as_better_where_it_is()
    {
        var comparison = Comparison.Of(
            [Run("a", 50, 20), Run("b", 55, 18, lr: 1)],
            StoredRun.Open(Path.Combine(folder.Path, "a")) is var a ? a : null
        );

        Assert.Equal(-1, comparison.Baseline); // the baseline must be one of the runs themselves
        StoredRun[] runs = [StoredRun.Open(Path.Combine(folder.Path, "a")), StoredRun.Open(Path.Combine(folder.Path, "b"))];
        comparison = Comparison.Of(runs, runs[0], Comparison.AllScores(runs));
        Assert.Equal(10, comparison.Rows[1].RelativeChange, 9); // +10 % IoU, -10 % error
        Assert.Equal(double.NaN, comparison.Rows[0].RelativeChange);
        var depth = comparison.Columns.ToList().FindIndex(c => c.Key == "depth/si_log_rmse");
        Assert.Equal("−2.00", ScoreText.Difference(comparison.Rows[1].Cells[depth], comparison.Columns[depth]));
    }

    [Fact]
    public void Formats_hold_the_same_numbers()
    {
        var runs = new[] { Run("a", 50, 20), Run("b", 55, 18, lr: 1e-3) };
        var comparison = Comparison.Of(runs, runs[0]);

        Assert.Equal(
            """
            |  | multitask ↑ | semseg mean IoU % ↑ | depth SI-logRMSE ↓ | Δm |
            | --- | ---: | ---: | ---: | ---: |
            | optimizer.lr 0.0001 | 30.00 | 50.00 | 20.00 |  |
            | optimizer.lr 0.001 | **37.00** (+7.00) | **55.00** (+5.00) | **18.00** (−2.00) | +10.00 % |

            """.ReplaceLineEndings("\n"),
            TableFormats.Markdown(comparison)
        );
        var csv = TableFormats.Csv(comparison).Split('\n');
        Assert.Equal(
            "label,run,model,digest,recipe,status,parameters,multiply_adds,steps,step_time,images_per_second,time,memory,gpu_memory,energy,multitask,semseg/mean_iou,depth/si_log_rmse",
            csv[0]
        );
        Assert.EndsWith(
            ",joint,b-0123456789,b,finished,21421396,4200000000,100,0.3,13.3,31,943718400,,,37,55,18",
            csv[2],
            StringComparison.Ordinal
        );
        var json = JsonDocument.Parse(TableFormats.Json(comparison)).RootElement.GetProperty("rows")[1];
        Assert.Equal(5, json.GetProperty("scores").GetProperty("semseg/mean_iou").GetProperty("difference").GetDouble());
        Assert.Equal(10, json.GetProperty("relative_change_percent").GetDouble(), 9);
    }
}
