using Mtlc.Compiler.Sweeps;
using Mtlc.Dsl.Text;
using Mtlc.Runtime.Reports.Page;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reports.Runs;

/// <summary>The tables of the course report from planted runs that hold its metrics.</summary>
public sealed class PlannedReportTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static ReportPlan Plan()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Dsl.sln")))
            root = root.Parent!;
        SourceText? Open(string path) => File.Exists(path) ? new(path, File.ReadAllText(path)) : null;
        var compiled = ReportPlan.Compile(Open(Path.Combine(root.FullName, "examples/report/report.mtl"))!, Open);
        Assert.Empty(compiled.Diagnostics.Select(d => d.Message));
        return compiled.Plan!;
    }

    [Fact]
    public void All_fourteen_tables_are_laid_out_and_what_was_not_run_is_missing()
    {
        var text = PlannedReport.Markdown(Plan(), []);

        foreach (var table in Enumerable.Range(1, 14))
            Assert.Contains($"\n## table{table}\n", text, StringComparison.Ordinal);
        // Known without a run: the report's own counts.
        Assert.Contains("| joint (missing) | – | 26,756,996 | – |", text, StringComparison.Ordinal);
        Assert.Contains("| branched (missing) | – | 32,183,220 | – |", text, StringComparison.Ordinal);
        Assert.Contains("| distillation (missing) | – | 36,949,960 | – |", text, StringComparison.Ordinal);
        Assert.Contains("| with contours (missing) | – | 43,558,137 | – |", text, StringComparison.Ordinal);
        Assert.Contains("| with normals (missing) | – | 43,562,747 | – |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_s_metrics_come_out_as_its_tables_without_the_slips()
    {
        var plan = Plan();
        // (row, depth, segmentation) as printed; the multitask column is not planted but computed.
        (double Depth, double IoU)?[] table1 =
            [(27.422, 67.401), (32.69, 55.333), (39.906, 60.0), null, (36.576, 51.426), (27.651, 66.368), (26.749, 69.979), (32.721, 55.675)];
        var runs = new List<StoredRun>();
        foreach (var (row, scores) in plan.Items.Single(i => i.Name == "table1").Rows.Zip(table1).Where(r => r.Second is not null))
            runs.Add(folder.Plant($"t1-{runs.Count}", "baseline", [(scores!.Value.IoU, scores.Value.Depth)], recipe: row.Recipe));
        (double Depth, double IoU)[] table9 = [(19.227, 85.161), (17.542, 85.345), (16.595, 85.833)];
        foreach (var (row, scores) in plan.Items.Single(i => i.Name == "table9").Rows.Zip(table9))
            runs.Add(folder.Plant($"t9-{runs.Count}", row.Label, [(scores.IoU, scores.Depth)], recipe: row.Recipe));

        var text = PlannedReport.Markdown(plan, runs);

        Assert.Contains("| adam, lr 1e-5 | 32.72 | 55.67 | 22.95 |", text, StringComparison.Ordinal); // printed as 22.957
        Assert.Contains("| adam, lr 1e-4 | **26.75** | **69.98** | **43.23** |", text, StringComparison.Ordinal);
        Assert.Contains("| sgd { momentum: 0.9 }, lr 1e-5 (missing) | – | – | – |", text, StringComparison.Ordinal);
        Assert.Matches(@"\| distillation \| \*\*16\.(59|60)\*\* \(−2\.63\) \| \*\*85\.83\*\* \(\+0\.67\) \| \*\*69\.24\*\* \(\+3\.30\) \|", text);
        // The same recipe elsewhere: table 4's first row is table 1's best, table 7's rows are table 9's.
        Assert.Contains("| random | 26.75 | 69.98 | 43.23 |", text, StringComparison.Ordinal);
        Assert.Matches(@"\| branched \| \*\*17\.54\*\* \(−1\.6[89]\) \| \*\*85\.3[45]\*\* \(\+0\.18\) \| \*\*67\.80\*\* \(\+1\.87\) \|", text);
        var page = PlannedReport.Write(plan, runs);
        Assert.Contains("missing", page, StringComparison.Ordinal);
        Assert.Contains("<b>69.24</b>", page, StringComparison.Ordinal);
    }
}
