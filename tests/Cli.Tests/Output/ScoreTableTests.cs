using Mtlc.Cli.Output;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Evaluation;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Tests.Output;

public sealed class ScoreTableTests
{
    static readonly MetricRow[] Rows =
    [
        new(new("semseg/mean_iou", 23.4, MetricDirection.Higher, "%"), 3.1),
        new(new("semseg/pixel_accuracy", 38.1, MetricDirection.Higher, "%"), 38.1),
        new(new("semseg/absent_classes", 2, MetricDirection.None, ""), 2),
        new(new("semseg/iou/road", 91.24, MetricDirection.Higher, "%"), 58.9),
        new(new("semseg/iou/traffic light", double.NaN, MetricDirection.Higher, "%"), double.NaN),
        new(new("depth/si_log_rmse", 31.0, MetricDirection.Lower, ""), 61.2),
        new(new("depth/rmse", 12.3, MetricDirection.Lower, "m"), 11.2),
        new(new("multitask", 19, MetricDirection.Higher, "points"), 0),
    ];

    [Theory]
    [InlineData(80)]
    [InlineData(40)]
    public async Task A_table_of_scores(int width)
    {
        var writer = new StringWriter();
        ScoreTable.Write(new Terminal(writer, false, false, width), Rows);
        Assert.All(writer.ToString().Split('\n'), line => Assert.True(line.Length <= width, line));
        await Verify(writer.ToString()).UseTextForParameters($"{width}");
    }

    [Theory]
    [InlineData(0, "mean IoU 23.40 %")]
    [InlineData(5, "SI-logRMSE 31.00")]
    [InlineData(7, "multitask 19.00")]
    public void Headlines(int row, string expected) => Assert.Equal(expected, ScoreTable.Headline(Rows[row].Metric));
}
