using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Mtlc.Cli.CommandLine;
using Mtlc.Cli.Errors;
using Mtlc.Cli.Output;
using Mtlc.Cli.Running;
using Mtlc.Runtime.Experiments;
using Mtlc.Runtime.Launch;

namespace Mtlc.Cli.Commands.Experiments;

/// <summary>Gives the points of a sweep to a cluster. Nothing stays behind: its tasks are `mtlc sweep FILE --point N`.</summary>
/// <param name="Target">`slurm` or `kubernetes`.</param>
/// <param name="Mtlc">How mtlc is called there; null for the usual way.</param>
/// <param name="Most">How many points at a time.</param>
/// <param name="Rounds">How often Slurm may begin the array.</param>
sealed record SweepLaunch(string Target, ClusterJob Job, string? Mtlc, int? Most, int Rounds)
{
    /// <summary>After these another try ends the same.</summary>
    static readonly ImmutableArray<int> Hopeless = [ExitCode.ProgramErrors, ExitCode.Usage, ExitCode.Diverged, ExitCode.BadData];

    /// <param name="arguments">Of `mtlc sweep`, up to the number of the point.</param>
    public int Run(Terminal output, SweepFolder folder, SweepQueue queue, IEnumerable<string> arguments, bool isDryRun)
    {
        var elsewhere = queue.Elsewhere.Count;
        ImmutableArray<int> points = [.. queue.Left.Except(queue.Elsewhere).Select(p => p.Number).Order()];
        if (points.IsEmpty && !isDryRun)
        {
            output.WriteText($"sweep {folder.Plan.Name}: nothing is left to submit{Busy(elsewhere)}");
            return ExitCode.Done;
        }
        var text = Text(folder, points, [.. Caller(), .. arguments]);
        if (isDryRun)
        {
            output.Writer.Write(text);
            output.Writer.Flush();
            return ExitCode.Done;
        }
        folder.WritePlan();
        foreach (var said in Submit(text))
            output.WriteText(said);
        output.WriteText(
            $"sweep {folder.Plan.Name}: {Points(points.Length)} submitted{Busy(elsewhere)}; run directories below {folder.Root}"
        );
        output.WriteText($"'mtlc runs {folder.Root}' shows how far they are; this command again submits what is left then");
        return ExitCode.Done;
    }

    static string Busy(int elsewhere) => elsewhere == 0 ? "" : $", {Points(elsewhere)} being trained already";

    static string Points(int count) => count == 1 ? "1 point" : string.Create(CultureInfo.InvariantCulture, $"{count} points");

    string Text(SweepFolder folder, ImmutableArray<int> points, ImmutableArray<string> command) =>
        Target == LaunchOptions.Slurm
            ? SlurmScript.Array(Job, command, points, Most, Path.GetFullPath(folder.Root))
            // An Indexed Job knows no gaps: points that are done end at once.
            : KubernetesManifest.IndexedJob(
                Job,
                command,
                folder.Plan.Points.Length,
                Most ?? folder.Plan.Points.Length,
                ExitCode.Stopped,
                Hopeless
            );

    IEnumerable<string> Submit(string text)
    {
        if (Target == LaunchOptions.Kubernetes)
        {
            yield return ClusterCommand.Run("kubectl", ["create", "-f", "-"], text);
            yield break;
        }
        var jobs = new List<string>();
        for (var round = 1; round <= Rounds; round++)
        {
            // Begins only where each round before it left something; Slurm takes it away where one did not.
            string[] after =
                jobs.Count == 0
                    ? []
                    : [$"--dependency={string.Join(',', jobs.Select(j => $"afternotok:{j}"))}", "--kill-on-invalid-dep=yes"];
            // "4711" or "4711;cluster"
            jobs.Add(ClusterCommand.Run("sbatch", ["--parsable", .. after], text).Split(';')[0]);
            yield return round == 1
                ? $"Slurm job {jobs[^1]}"
                : $"Slurm job {jobs[^1]}, for what is left when the one before has ended";
        }
    }

    /// <summary>`mtlc` itself, or `dotnet mtlc.dll`, as it was called here; the name alone in an image.</summary>
    string[] Caller() =>
        Mtlc is not null ? Mtlc.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        : Target == LaunchOptions.Kubernetes ? ["mtlc"]
        : Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
            ? [Environment.ProcessPath!, Assembly.GetExecutingAssembly().Location]
        : [Environment.ProcessPath!];
}
