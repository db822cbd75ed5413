using System.Globalization;
using System.Text;

namespace Mtlc.Runtime.Launch;

/// <summary>Batch scripts for Slurm's sbatch.</summary>
public static class SlurmScript
{
    /// <summary>So long before the end of its time a task is told; Slurm may do it up to a minute earlier.</summary>
    const int WarningSeconds = 120;

    const string Directive = "#SBATCH";

    /// <summary>An array with a task for each point of a sweep.</summary>
    /// <param name="command">Trains the point whose number follows.</param>
    /// <param name="points">Their numbers, ascending.</param>
    /// <param name="most">How many at a time; null for as many as the cluster has room for.</param>
    /// <param name="output">The folder for what tasks print.</param>
    public static string Array(ClusterJob job, IReadOnlyList<string> command, IReadOnlyList<int> points, int? most, string output)
    {
        var limit = most is { } n ? string.Create(CultureInfo.InvariantCulture, $"%{n}") : "";
        var text = Head(job, output, "slurm-%A_%a.txt", $"--array={Ranges(points)}{limit}");
        text.AppendLine("# Before its time is up Slurm tells this shell; of a preemption or scancel it tells all processes.");
        text.AppendLine("time_is_up= told=");
        text.AppendLine("trap 'time_is_up=yes; kill -USR1 \"$training\" 2> /dev/null' USR1");
        text.AppendLine("trap 'told=yes; kill -TERM \"$training\" 2> /dev/null' TERM");
        text.AppendLine($"{ShellText.Line(command)} \"$SLURM_ARRAY_TASK_ID\" &");
        text.Append(Wait);
        text.AppendLine("# 75: everything is saved, and the same command goes on. 138: it was told before it listened.");
        Requeue(text, "[ -n \"$time_is_up\" ] && { [ \"$code\" = 75 ] || [ \"$code\" = 138 ]; }");
        return text.ToString();
    }

    /// <summary>A job of one torchrun per node.</summary>
    /// <param name="program">The script, and its arguments.</param>
    /// <param name="processes">Processes of a node; null for one a GPU.</param>
    /// <param name="output">The folder for what the job prints.</param>
    public static string Torchrun(ClusterJob job, IReadOnlyList<string> program, int nodes, int? processes, string output)
    {
        var count = nodes.ToString(CultureInfo.InvariantCulture);
        var text = Head(job, output, "slurm-%j.txt", $"--nodes={count}", "--ntasks-per-node=1");
        text.AppendLine("time_is_up= told=");
        text.AppendLine("trap 'time_is_up=yes; kill -TERM \"$training\" 2> /dev/null' USR1");
        text.AppendLine("trap 'told=yes; kill -TERM \"$training\" 2> /dev/null' TERM");
        text.AppendLine("# A port of its own for each job, where several share a node.");
        text.AppendLine("port=$((20000 + SLURM_JOB_ID % 20000))");
        text.AppendLine("# The batch shell runs on the first node of the job.");
        // With underlines PyTorch 1.13 reads them, too.
        List<string> words = ["srun", "--kill-on-bad-exit=1", "torchrun", $"--nnodes={count}"];
        words.Add($"--nproc_per_node={processes?.ToString(CultureInfo.InvariantCulture) ?? "gpu"}");
        var meeting = nodes > 1 ? " --rdzv_backend=c10d --rdzv_id=\"$SLURM_JOB_ID\" --rdzv_endpoint=\"$(hostname):$port\"" : "";
        var alone = nodes > 1 ? "" : " --master_port=\"$port\"";
        text.AppendLine($"{ShellText.Line(words)}{meeting}{alone} {ShellText.Line(program)} &");
        text.Append(Wait);
        text.AppendLine("# Of a preemption Slurm may tell the processes of srun alone: 143 is SIGTERM's.");
        text.AppendLine("preempted() { scontrol show job \"$SLURM_JOB_ID\" 2> /dev/null | grep -q 'PreemptTime=[0-9]'; }");
        text.AppendLine("if [ \"$code\" != 0 ] && { [ \"$code\" = 143 ] || preempted; }; then told=yes; fi");
        text.AppendLine("# It begins again from its newest checkpoint.");
        Requeue(text, "[ -n \"$time_is_up\" ]");
        return text.ToString();
    }

    /// <summary>"1-3,5".</summary>
    internal static string Ranges(IReadOnlyList<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (ranges is [.., var last] && last.Last + 1 == number)
                ranges[^1] = (last.First, number);
            else
                ranges.Add((number, number));
        }
        return string.Join(
            ',',
            ranges.Select(r =>
                r.First == r.Last
                    ? r.First.ToString(CultureInfo.InvariantCulture)
                    : string.Create(CultureInfo.InvariantCulture, $"{r.First}-{r.Last}")
            )
        );
    }

    static StringBuilder Head(ClusterJob job, string output, string log, params string[] shape)
    {
        // % stands for a number in Slurm's names of files.
        var folder = output.Replace("%", "%%", StringComparison.Ordinal);
        List<string?> asked =
        [
            $"--job-name={ShellText.Word(job.Name)}",
            .. shape,
            Set("--partition", job.Partition),
            Set("--account", job.Account),
            Set("--time", job.Time),
            Set("--gpus-per-node", job.Gpus),
            Set("--cpus-per-task", job.Cpus?.ToString(CultureInfo.InvariantCulture)),
            Set("--mem", job.Memory),
            $"--output={ShellText.Word($"{folder}/{log}")}",
            "--open-mode=append",
            "--requeue",
            string.Create(CultureInfo.InvariantCulture, $"--signal=B:USR1@{WarningSeconds}"),
        ];
        var text = new StringBuilder("#!/bin/bash\n");
        foreach (var line in asked.OfType<string>().Select(a => $"{Directive} {a}").Concat(job.Lines.Where(IsDirective)))
            text.Append(line).Append('\n');
        text.Append('\n').Append("cd ").Append(ShellText.Word(job.Folder)).Append(" || exit 74\n");
        foreach (var line in job.Lines.Where(l => !IsDirective(l)))
            text.Append(line).Append('\n');
        return text.Append('\n');
    }

    static string? Set(string option, string? value) => value is null ? null : $"{option}={ShellText.Word(value)}";

    static bool IsDirective(string line) => line.StartsWith(Directive, StringComparison.Ordinal);

    const string Wait = """
        training=$!
        # A signal ends the wait, not the process.
        while wait "$training"; code=$?; kill -0 "$training" 2> /dev/null; do :; done
        wait "$training" 2> /dev/null; code=$?


        """;

    // Those whose time is up are queued again by this shell, or by Slurm where the cluster has RequeueExit=75. Preempted ones are
    // by Slurm, but only where it ends them itself: one that ends within the time of grace stays ended (Slurm 22.05). scancel
    // stops a job too, and then it must stay stopped.
    static void Requeue(StringBuilder text, string where) =>
        text.Append(
            $"""
            if {where} && command -v scontrol > /dev/null; then
              scontrol requeue "$SLURM_JOB_ID"
            elif [ -n "$told" ] && [ "$code" != 0 ]; then
              # Slurm queues a preempted task again where it ends it itself.
              sleep infinity & wait $!
              kill $! 2> /dev/null
            fi
            exit "$code"

            """
        );

    static void AppendLine(this StringBuilder text, string line) => text.Append(line).Append('\n');
}
