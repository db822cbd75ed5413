using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mtlc.Runtime.Reports.Page;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reports.Runs;

public sealed class ReportPageTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Page()
    {
        StoredRun[] runs =
        [
            folder.Plant("a", "joint", [(40, 30), (55, 22), (60, 20)], pictures: true),
            folder.Plant("b", "joint", [(42, 29), (57, 21), (61, 19.5)], seed: 1, recipe: "a"),
            folder.Plant("c", "branched", [(45, 28), (60, 19), (66, 17)], finished: false),
        ];
        return ReportPage.Write("A <study>", runs, runs[0]);
    }

    [Fact]
    public void The_page_is_one_file_that_reaches_for_nothing()
    {
        var page = Page();

        Assert.DoesNotMatch("(src|href)=\"(?!data:|#)", page);
        Assert.DoesNotMatch("@import|url\\(", page);
        Assert.Contains("<title>A &lt;study&gt;</title>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<car>", page, StringComparison.Ordinal);
        foreach (
            var section in new[]
            {
                "scores",
                "curves",
                "cost",
                "classes",
                "distance",
                "confusion",
                "samples",
                "networks",
                "recipes",
                "repeat",
            }
        )
            Assert.Contains($"<section id=\"{section}\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_stand_in_the_table_with_best_baseline_and_noise()
    {
        var scores = Section(Page(), "scores");

        Assert.Contains("joint <small>baseline</small>", scores, StringComparison.Ordinal);
        Assert.Contains("branched <small class=\"warn\">interrupted</small>", scores, StringComparison.Ordinal);
        Assert.Contains("<td>60.50 ± 0.71 (2)</td>", scores, StringComparison.Ordinal);
        Assert.Contains(
            "<td><b>66.00</b><small class=\"better\">+5.50, noise 0.87</small></td>",
            scores,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_chart_and_table_is_well_formed()
    {
        var page = Page();

        var charts = Regex.Matches(page, "<svg.*?</svg>", RegexOptions.Singleline);
        Assert.True(charts.Count > 10);
        Assert.All(charts, c => XElement.Parse(c.Value));
        Assert.All(Regex.Matches(page, "<table.*?</table>", RegexOptions.Singleline), t => XElement.Parse(t.Value));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_are_drawn_for_each_run_over_steps_and_over_time()
    {
        var curves = Section(Page(), "curves");

        // Two runs of one recipe share a colour and a box in the legend.
        Assert.Equal(2, Regex.Count(curves, "data-toggle="));
        Assert.Contains("joint (2)</label>", curves, StringComparison.Ordinal);
        Assert.True(Regex.Count(curves, "data-series=\"1\"") >= 6);
        Assert.Equal(2 * Regex.Count(curves, "data-series=\"1\""), Regex.Count(curves, "data-series=\"0\""));
        Assert.Contains("SI-logRMSE", curves, StringComparison.Ordinal);
        Assert.Contains("over step\"", curves, StringComparison.Ordinal);
        Assert.Contains("over seconds\"", curves, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_error_is_drawn_over_the_distance_of_its_bands()
    {
        var distance = Section(Page(), "distance");

        // Bands 0-5, 5-20 and from 20 m: drawn at 2.5, 12.5 and 22.5 m.
        Assert.Contains("<title>joint, seed 0: 1.5 at 2.5</title>", distance, StringComparison.Ordinal);
        Assert.Contains("<title>joint, seed 0: 2 at 12.5</title>", distance, StringComparison.Ordinal);
        Assert.Contains("<title>joint, seed 0: 9.25 at 22.5</title>", distance, StringComparison.Ordinal);
        Assert.Matches("20m\\+</th><td style=\"--v:100%\">9.250</td>", distance);
        Assert.DoesNotContain("pixels", Section(Page(), "classes"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_system_does_not_tell_has_no_column()
    {
        StoredRun[] runs =
        [
            folder.Plant("a", "joint", [(40, 30), (50, 25)]),
            folder.Plant("b", "branched", [(40, 30), (50, 25)]),
        ];
        Assert.DoesNotContain("GPU", Section(ReportPage.Write("t", runs), "cost"), StringComparison.Ordinal);

        (runs[0].Result! with { PeakGpuMemory = 3L << 30, CpuEnergy = 1500, GpuEnergy = 4500 }).Write(runs[0].Root);
        folder.File(
            "a/resources.csv",
            "step,seconds,images_per_second,memory_mb,peak_memory_mb,processors_busy,gpu_memory_mb,cpu_energy_j,gpu_energy_j\n100,30,13,800,900,1.9,3072,700,2000\n200,60,13,800,900,1.9,3072,1500,4500\n"
        );
        var cost = Section(ReportPage.Write("t", [StoredRun.Open(runs[0].Root), runs[1]]), "cost");

        Assert.Contains("<td>3,072 MB</td><td>6.0 kJ</td>", cost, StringComparison.Ordinal);
        Assert.Contains("<td>–</td><td>–</td>", cost, StringComparison.Ordinal); // the other run
        Assert.Contains("Energy of the GPU so far", cost, StringComparison.Ordinal);
        Assert.Contains("<title>joint: 4.5 at 200</title>", cost, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_slide_and_the_network_is_drawn_once_a_model()
    {
        var page = Page();

        Assert.Equal(3, Regex.Count(Section(page, "samples"), "<img "));
        Assert.Equal(2, Regex.Count(Section(page, "samples"), " hidden "));
        Assert.Equal(2, Regex.Count(Section(page, "networks"), "class=\"drawing\""));
        Assert.Contains("model branched {", Section(page, "networks"), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_runs_the_best_are_drawn_and_all_are_listed()
    {
        var runs = Enumerable
            .Range(0, 40)
            .Select(i => folder.Plant($"r{i:00}", "joint", [(60 + i * 0.1, 30)], lr: 1e-4 * (i + 1)))
            .ToList();

        var page = ReportPage.Write("t", runs);

        Assert.Equal(24, Regex.Count(Section(page, "curves"), "data-toggle="));
        Assert.Equal(40, Regex.Count(Section(page, "repeat"), "mtlc run "));
        Assert.Contains(
            "optimizer.lr 0.004<",
            Section(page, "curves").Replace("</label>", "<", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.Contains("the 24 best", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_runs_give_the_same_bytes()
    {
        StoredRun[] runs = [folder.Plant("x", "joint", [(40, 30)])];
        Assert.Equal(ReportPage.Write("t", runs), ReportPage.Write("t", runs));
    }

    [Fact]
    public void A_run_that_has_not_been_evaluated_can_be_shown()
    {
        folder.Plant("x", "joint", [(40, 30)], finished: false);
        foreach (var file in new[] { "metrics.csv", "steps.csv", "resources.csv", "confusion-semseg.csv" })
            File.Delete(Path.Combine(folder.Path, "x", file));

        Assert.Contains(
            "1 run of 1 recipe. Not finished: 1.",
            ReportPage.Write("t", [StoredRun.Open(Path.Combine(folder.Path, "x"))]),
            StringComparison.Ordinal
        );
    }

    static string Section(string page, string id) =>
        Regex.Match(page, $"<section id=\"{id}\".*?</section>", RegexOptions.Singleline).Value;
}
