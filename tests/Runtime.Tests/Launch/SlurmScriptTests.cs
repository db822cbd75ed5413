using System.Diagnostics;
using Mtlc.Runtime.Launch;
using Mtlc.Tests.Runtime.Data;

namespace Mtlc.Tests.Runtime.Launch;

/// <summary>The scripts, run by bash with commands in the places of mtlc and scontrol.</summary>
public sealed class SlurmScriptTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("exit 3", "", 3, false)]
    [InlineData("exit 0", "", 0, false)]
    [InlineData("trap 'exit 75' USR1; touch ready; while :; do sleep 0.05; done", "USR1", 75, true)]
    [InlineData("touch ready; while :; do sleep 0.05; done", "USR1", 138, true)] // still starting
    // scancel, or a preemption, which Slurm itself queues again: a task that was cancelled stays so.
    [InlineData("trap 'sleep 0.3; exit 75' TERM; touch ready; while :; do sleep 0.05; done", "TERM", 75, false)]
    // The time is up, but the task ended wrongly.
    [InlineData("trap 'exit 74' USR1; touch ready; while :; do sleep 0.05; done", "USR1", 74, false)]
    public void A_task_ends_with_the_code_of_its_point_and_is_queued_again_where_its_time_was_up(
        string training,
        string signal,
        int code,
        bool requeued
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "bash");
        Script("train", $"echo \"$@\" > arguments\n{training}");
        Script("scontrol", "echo \"$@\" > requeued");
        File.WriteAllText(
            Path.Combine(folder.Path, "job"),
            SlurmScript.Array(
                new("rates", folder.Path, ["#SBATCH --comment=mine", "export OWN='a b'"]),
                ["./train", "it's mine", "--point"],
                [3],
                null,
                folder.Path
            )
        );
        Assert.Equal(code, Submitted(signal));
        Assert.Equal("it's mine --point 3\n", File.ReadAllText(Path.Combine(folder.Path, "arguments")));
        Assert.Equal(requeued, File.Exists(Path.Combine(folder.Path, "requeued")));
        if (requeued)
            Assert.Equal("requeue 4711\n", File.ReadAllText(Path.Combine(folder.Path, "requeued")));
    }

    [Fact]
    public void What_is_asked_of_the_cluster_stands_in_the_head()
    {
        var lines = SlurmScript
            .Array(
                new("a sweep", "/home/me/it's", ["#SBATCH --comment=mine", "module load mtlc"])
                {
                    Partition = "gpu",
                    Account = "lab",
                    Time = "8:00:00",
                    Gpus = "a100:1",
                    Cpus = 8,
                    Memory = "32G",
                },
                ["mtlc", "sweep", "f.mtl", "--point"],
                [1, 2, 3, 5, 7, 8],
                4,
                "/home/me/100%"
            )
            .Split('\n');
        var head = lines.TakeWhile(l => l.Length > 0).ToList();

        Assert.Equal("#!/bin/bash", head[0]);
        Assert.All(head.Skip(1), l => Assert.StartsWith("#SBATCH --", l, StringComparison.Ordinal));
        string[] asked =
        [
            "--job-name='a sweep'",
            "--array=1-3,5,7-8%4",
            "--partition=gpu",
            "--account=lab",
            "--time=8:00:00",
            "--gpus-per-node=a100:1",
            "--cpus-per-task=8",
            "--mem=32G",
            "--output=/home/me/100%%/slurm-%A_%a.txt",
            "--comment=mine",
        ];
        Assert.All(asked, a => Assert.Contains($"#SBATCH {a}", head));
        Assert.Equal(["cd '/home/me/it'\\''s' || exit 74", "module load mtlc"], lines[(head.Count + 1)..(head.Count + 3)]);
    }

    [Theory]
    [InlineData(1, "torchrun --nnodes=1 --nproc_per_node=2 --master_port=\"$port\" train.py --resume &")]
    [InlineData(4, "--rdzv_endpoint=\"$(hostname):$port\" train.py --resume &")]
    public void Torchrun_is_started_once_a_node(int nodes, string command)
    {
        var text = SlurmScript.Torchrun(new("net", "/work", []), ["train.py", "--resume"], nodes, 2, "/work");

        Assert.Contains($"#SBATCH --nodes={nodes}\n#SBATCH --ntasks-per-node=1\n", text, StringComparison.Ordinal);
        Assert.Contains(command, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 0", "", 0, false)]
    [InlineData("exit 1", "", 1, false)]
    // Every process saves, and torchrun itself ends with 1.
    [InlineData("trap 'exit 1' TERM; touch ready; while :; do sleep 0.05; done", "USR1", 1, true)]
    [InlineData("trap 'sleep 0.3; exit 1' TERM; touch ready; while :; do sleep 0.05; done", "TERM", 1, false)]
    public void A_job_of_torchrun_is_queued_again_where_its_time_was_up(string training, string signal, int code, bool requeued)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "bash");
        Script("torchrun", $"printf '%s\\n' \"$@\" > arguments\n{training}");
        Script("srun", "shift; exec \"$@\"");
        Script("scontrol", "[ \"$1\" != requeue ] || echo \"$@\" > requeued");
        File.WriteAllText(
            Path.Combine(folder.Path, "job"),
            SlurmScript.Torchrun(
                new("net", folder.Path, []),
                ["train.py", "--data", "miniscapes:it's here"],
                1,
                null,
                folder.Path
            )
        );

        Assert.Equal(code, Submitted(signal));
        Assert.Equal(
            "--nnodes=1\n--nproc_per_node=gpu\n--master_port=24711\ntrain.py\n--data\nminiscapes:it's here\n",
            File.ReadAllText(Path.Combine(folder.Path, "arguments"))
        );
        Assert.Equal(requeued, File.Exists(Path.Combine(folder.Path, "requeued")));
    }

    // As Slurm runs it and, once it is ready, tells it; its exit code.
    int Submitted(string signal)
    {
        using var process = Process.Start(
            new ProcessStartInfo("bash")
            {
                ArgumentList = { Path.Combine(folder.Path, "job") },
                Environment =
                {
                    ["SLURM_ARRAY_TASK_ID"] = "3",
                    ["SLURM_JOB_ID"] = "4711",
                    ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
                },
            }
        )!;
        if (signal.Length > 0)
        {
            while (!File.Exists(Path.Combine(folder.Path, "ready")) && !process.HasExited)
                Thread.Sleep(20);
            // Slurm tells a task to end, and later ends it.
            do
            {
                using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString()]);
                kill.WaitForExit();
            } while (!process.WaitForExit(700) && signal == "TERM");
        }
        process.WaitForExit();
        return process.ExitCode;
    }

    void Script(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, $"#!/bin/bash\n{text}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
