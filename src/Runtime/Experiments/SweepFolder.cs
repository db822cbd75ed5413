using System.Collections.Immutable;
using System.Globalization;
using Mtlc.Compiler;
using Mtlc.Compiler.Experiments;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Reports;
using Mtlc.Runtime.Reports.Runs;

namespace Mtlc.Runtime.Experiments;

/// <summary>The folder of a sweep: a run directory for each recipe, named by its digest, and `plan.csv`.</summary>
public sealed class SweepFolder(string root, SweepPlan plan)
{
    const string PlanName = "plan.csv";

    public string Root { get; } = root;

    public SweepPlan Plan { get; } = plan;

    /// <summary>Different points may be the same experiment: each is run once.</summary>
    public ImmutableArray<string> Digests { get; } = [.. plan.Points.Select(p => p.Digest.Run).Distinct()];

    public string DirectoryOf(string digest) => Path.Combine(Root, RecipeDigest.Short(digest));

    public string DirectoryOf(SweepPoint point) => DirectoryOf(point.Digest.Run);

    /// <summary>What the process that trains a point prints.</summary>
    public string LogOf(string digest) => Path.Combine(DirectoryOf(digest), "log.txt");

    /// <returns>null where the point was not begun.</returns>
    /// <exception cref="RunException">The folder holds a run of another recipe, or a damaged one.</exception>
    public StoredRun? Run(string digest)
    {
        var directory = DirectoryOf(digest);
        if (!File.Exists(Path.Combine(directory, RunDirectory.Configuration)))
            return null;
        var run = StoredRun.Open(directory);
        return run.Digest == digest
            ? run
            : throw new RunException(
                $"{directory}: holds a run of another recipe; move it away, or choose another folder (--out)"
            );
    }

    /// <summary>The digest that `plan.csv` has for a point; null where it does not say.</summary>
    public string? Planned(int number)
    {
        var path = Path.Combine(Root, PlanName);
        return File.Exists(path)
            ? RegularFile
                .ReadAllLines(path)
                .Select(Csv.Cells)
                .FirstOrDefault(r => r.Length > 2 && r[0] == number.ToString(CultureInfo.InvariantCulture))
                ?[2]
            : null;
    }

    /// <summary>Which folder belongs to which point, for people, for pandas, and for other machines that train points.</summary>
    public void WritePlan()
    {
        Directory.CreateDirectory(Root);
        var lines = Plan.Points.Select(p =>
            Csv.Row([
                p.Number.ToString(CultureInfo.InvariantCulture),
                RecipeDigest.Short(p.Digest.Run),
                p.Digest.Run,
                p.Digest.Recipe,
                .. p.Settings.Select(s => s.Label),
            ])
        );
        var header = Csv.Row(["point", "folder", "digest", "recipe", .. Plan.Paths]);
        AtomicFile.WriteText(Path.Combine(Root, PlanName), string.Concat(lines.Prepend(header).Select(l => l + "\n")));
    }
}
