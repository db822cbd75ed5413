using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data.Samples;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Runtime.Reports.Tables;
using Mtlc.Runtime.Training;
using Mtlc.Tests.Training;

namespace Mtlc.Tests.Evaluation;

/// <summary>A task that nothing in the validation split has a label of: its score is absent everywhere, and "best" is judged by
/// what there is.</summary>
public sealed class UnlabelledTaskTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("mtlc-unlabelled").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    (TrainingResult Result, List<EvaluationReport> Reports, List<string> Warnings) Train(Func<Sample, Sample> change)
    {
        var (reports, warnings) = (new List<EvaluationReport>(), new List<string>());
        var result = Trainer.Run(
            TinyRun.Program(epochs: 3),
            new(Path.Combine(root, "run"), "cpu") { Data = new SizedSource((40, 64), (33, 41)) { Change = change } },
            new() { Evaluated = reports.Add, Warned = warnings.Add }
        );
        return (result, reports, warnings);
    }

    [Theory]
    [InlineData("depth", "normals", "semseg/mean_iou")]
    [InlineData("semseg", "contour", "depth/si_log_rmse")]
    public void A_score_without_labels_is_absent_and_chooses_nothing(string task, string derived, string score)
    {
        // Without a map, and with one in which nothing is labelled, by turns.
        var (result, reports, warnings) = Train(s =>
            task == "depth"
                ? s with
                {
                    Depth = s.Height == 40 ? null : [.. s.Depth!.Select(_ => float.NaN)],
                }
                : s with
                {
                    Classes = s.Height == 40 ? null : [.. s.Classes!.Select(_ => (byte)255)],
                }
        );
        string[] absent = ["multitask", $"{task}/", $"{derived}/"];
        Assert.All(
            reports,
            r =>
            {
                Assert.Equal(score, r.Score.Key);
                Assert.DoesNotContain(r.Rows, m => absent.Any(a => m.Metric.Key.StartsWith(a, StringComparison.Ordinal)));
                Assert.All(
                    r.Rows.Where(m =>
                        !m.Metric.Key.Contains("/iou/", StringComparison.Ordinal) && m.Metric.Key.Count(c => c == '/') < 2
                    ),
                    m => Assert.False(double.IsNaN(m.Metric.Value), m.Metric.Key)
                );
                Assert.Equal([task, derived], r.Unlabelled);
            }
        );
        Assert.Equal(
            [
                $"task '{task}' has no score: no sample of the val split has a label of it",
                $"task '{derived}' has no score: no sample of the val split has a label of it",
            ],
            warnings
        );
        // The column is there, for a resumed run and for spreadsheets; its cells are empty.
        var lines = File.ReadAllLines(Path.Combine(result.Directory, "metrics.csv")).Select(l => l.Split(',')).ToArray();
        foreach (
            var (key, column) in lines[0]
                .Select((k, i) => (k, i))
                .Where(k => absent.Any(a => k.k.StartsWith(a, StringComparison.Ordinal)))
        )
            Assert.All(lines.Skip(1), l => Assert.Equal("", l[column]));
        Assert.Contains($"{task}/", lines[0].First(k => k.StartsWith(task, StringComparison.Ordinal)), StringComparison.Ordinal);
        var stored = StoredRun.Open(result.Directory);
        Assert.DoesNotContain(stored.Keys, k => absent.Any(a => k.StartsWith(a, StringComparison.Ordinal)));
        Assert.Equal(score, Comparison.Headlines([stored]).First());
        Assert.False(File.Exists(Path.Combine(result.Directory, "confusion-semseg.csv")) && task == "semseg");
        var sign = score == "depth/si_log_rmse" ? -1 : 1;
        var best = reports.MaxBy(r => sign * r.Score.Value)!;
        Assert.Equal(best.Score.Value, result.Best!.Score.Value);
        Assert.EndsWith(
            CheckpointFolder.NameOf(result.Best.Step),
            RunDirectory.Open(result.Directory).Checkpoints.Find("best"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Where_nothing_is_labelled_the_newest_checkpoint_is_as_good_as_any()
    {
        var (result, reports, _) = Train(s => s with { Classes = null, Depth = null });
        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        Assert.Null(result.Best);
        Assert.All(reports, r => Assert.True(r.Rows.IsEmpty && !r.IsBest && double.IsNaN(r.Score.Value)));
        var run = RunDirectory.Open(result.Directory);
        Assert.Equal(run.Checkpoints.Find("last"), run.Checkpoints.Find("best"));
        Assert.Empty(StoredRun.Open(result.Directory).Keys);
    }
}
