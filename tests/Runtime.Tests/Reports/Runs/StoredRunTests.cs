using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports.Runs;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Reports.Runs;

public sealed class StoredRunTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_is_read_as_it_was_written()
    {
        var run = folder.Plant("a", "joint", [(40, 30), (60, 20)], lr: 3e-4);

        Assert.Equal(("joint", "a", RunStatus.Finished), (run.Model, run.Recipe, run.Status));
        Assert.Equal("adam", run.Settings["train.optimizer"]);
        Assert.Equal("0.0003", run.Settings["train.optimizer.lr"]);
        Assert.Equal("synthetic", run.Settings["data.source"]);
        Assert.Equal([40, 60], run.Curve("semseg/mean_iou"));
        Assert.Equal(20, run.Score("depth/si_log_rmse"));
        Assert.Equal(double.NaN, run.Score("semseg/iou/train"));
        Assert.Equal(double.NaN, run.Score("nothing/of/the_kind"));
        Assert.Equal(0.3, run.Result!.StepSeconds);
    }

    [Fact]
    public void The_multitask_score_is_computed_and_not_believed() // the file says 1
    {
        var run = folder.Plant("a", "joint", [(40, 30), (60, 20)]);

        Assert.Equal("multitask", run.Keys.First());
        Assert.Equal([20, 40], run.Curve("multitask"));
    }

    [Fact]
    public void A_run_that_was_killed_is_interrupted_and_one_that_is_locked_is_running()
    {
        var root = folder.Plant("a", "joint", [(40, 30)], finished: false).Root;

        Assert.Equal(RunStatus.Interrupted, StoredRun.Open(root).Status);
        using (new RunLock(root))
            Assert.Equal(RunStatus.Running, StoredRun.Open(root).Status);
        Assert.Equal(RunStatus.Interrupted, StoredRun.Open(root).Status);
    }

    [Fact]
    public void A_line_that_is_being_written_is_left_out_and_a_step_counts_once()
    {
        var path = folder.File("t.csv", "step,loss\n1,5\n2,4\n3,3\n2,4.5\n3,3.5\n4,1");

        var table = NumberTable.Read(path);

        Assert.Equal([1, 2, 3], table["step"]);
        Assert.Equal([5, 4.5, 3.5], table["loss"]);
    }

    [Fact]
    public void Steps_get_the_time_between_two_samples()
    {
        var seconds = folder.Plant("a", "joint", [(40, 30), (60, 20)]).SecondsOfSteps(); // 30 s every 100 steps

        Assert.Equal(200, seconds.Length);
        Assert.Equal(15, seconds[49], 9);
        Assert.Equal(60, seconds[199], 9);
    }

    [Fact]
    public void Runs_are_found_below_a_folder_and_damaged_ones_are_told()
    {
        folder.Plant("x/b", "joint", [(40, 30)]);
        folder.Plant("x/a", "joint", [(40, 30)]);
        folder.File("x/c/config.yaml", "a: [unclosed");
        var damaged = new List<string>();

        var found = StoredRun.Find(folder.Path, damaged.Add).Select(r => r.Name);

        Assert.Equal(["a", "b"], found);
        Assert.Contains("config.yaml: damaged", Assert.Single(damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_run_is_no_run() =>
        Assert.Contains(
            "there is no run in this folder",
            Assert.Throws<RunException>(() => StoredRun.Open(folder.Path)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Labels_say_what_differs()
    {
        StoredRun[] runs =
        [
            folder.Plant("a", "joint", [(40, 30)], lr: 1e-4),
            folder.Plant("b", "joint", [(40, 30)], lr: 1e-3),
            folder.Plant("c", "branched", [(40, 30)], lr: 1e-3),
        ];

        Assert.Equal(
            ["joint, optimizer.lr 0.0001", "joint, optimizer.lr 0.001", "branched, optimizer.lr 0.001"],
            runs.Select(r => RunLabels.Of(runs)[r])
        );
        Assert.Equal(["joint", "branched"], runs[1..].Select(r => RunLabels.Of(runs[1..])[r]));
        Assert.Equal(["optimizer.lr 0.0001", "optimizer.lr 0.001"], runs[..2].Select(r => RunLabels.Of(runs[..2])[r]));
    }
}
