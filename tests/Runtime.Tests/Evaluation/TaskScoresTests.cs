using Mtlc.Compiler.Experiments;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data.Loading;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Metrics;
using Mtlc.Runtime.Tasks;
using Mtlc.Runtime.Torch;
using Mtlc.Tests.Training;
using static TorchSharp.torch;
using Split = Mtlc.Runtime.Data.Samples.Split;

namespace Mtlc.Tests.Evaluation;

public class TaskScoresTests
{
    [Fact]
    public void Labels_as_predictions_score_perfectly_and_the_trivial_ones_do_not()
    {
        TorchRuntime.Start();
        var (program, source) = (TinyRun.Program(), new TinyRun.Blocks());
        var statistics = TrainingStatistics.Measure(program.Model, source, program.Data);
        var targets = new TaskTargets(program.Model, statistics);
        var scores = new TaskScores(program.Model, targets, source.Contract.ClassNames, program.Train.Evaluate);
        foreach (var examples in new EvaluationLoader(source, Split.Validation, program.Data, 2).Read())
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(examples, CPU);
            Tensor Perfect(string name) => targets.Target(program.Model.Task(name), batch).nan_to_num(0);
            scores.Add(
                new Dictionary<string, Tensor>
                {
                    ["semseg"] = nn
                        .functional.one_hot(targets.Label(program.Model.Task("semseg"), batch).clamp(Held(0), Held(2)), 3)
                        .permute(0, 3, 1, 2)
                        .to(ScalarType.Float32),
                    ["depth"] = Perfect("depth"),
                    ["contour"] = Perfect("contour"),
                    ["normals"] = Perfect("normals"),
                },
                batch
            );
        }
        var rows = scores.Rows.ToDictionary(r => r.Metric.Key);
        Assert.Equal(100, rows["multitask"].Metric.Value, 3);
        Assert.Equal(100, rows["semseg/mean_iou"].Metric.Value, 6);
        Assert.Equal(100, rows["semseg/iou/green"].Metric.Value, 6);
        Assert.Equal(0, rows["depth/rmse"].Metric.Value, 4);
        Assert.Equal(100, rows["contour/f"].Metric.Value, 6);
        Assert.Equal(0, rows["normals/mean_angle"].Metric.Value, 1);
        Assert.Equal(0, rows["contour/f"].Trivial);
        Assert.InRange(rows["depth/rmse"].Trivial, 3, 9);
        Assert.InRange(rows["semseg/pixel_accuracy"].Trivial, 20, 60);
        Assert.Equal("multitask", scores.Rows[0].Metric.Key);
        // What the compiler takes for a halving's metric is what runs store.
        Assert.Equal(
            scores
                .Rows.Select(r => r.Metric)
                .Where(m => m.Direction != MetricDirection.None && m.Key.Count(c => c == '/') < 2)
                .Select(m => m.Key),
            Halving.Scores(program.Model)
        );
        // By distance: every labelled pixel is in one band, and perfect bands have no error.
        var bands = rows.Values.Where(r => r.Metric.Key.StartsWith("depth/pixels/", StringComparison.Ordinal)).ToList();
        Assert.Equal(DepthByDistance.Street.Length + 1, bands.Count);
        Assert.True(bands.Sum(b => b.Metric.Value) > 0);
        Assert.All(
            bands.Where(b => b.Metric.Value > 0),
            b => Assert.Equal(0, rows[b.Metric.Key.Replace("pixels", "mae", StringComparison.Ordinal)].Metric.Value, 4)
        );
    }
}
