using System.Globalization;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Reports;

/// <summary>`confusion-TASK.csv`: pixels of each class (a row) that were predicted as each class (a column), at the last
/// evaluation.</summary>
public static class ConfusionFile
{
    public static string NameOf(string task) => $"confusion-{task}.csv";

    public static void Write(RunDirectory run, string task, SegmentationMetrics metrics)
    {
        var names = metrics.ClassNames;
        var lines = names.Select(
            (name, i) =>
                Csv.Row(names.Select((_, j) => metrics.Confusion[i, j].ToString(CultureInfo.InvariantCulture)).Prepend(name))
        );
        AtomicFile.WriteText(
            run.File(NameOf(task)),
            string.Concat(lines.Prepend(Csv.Row(names.Prepend("label"))).Select(l => l + "\n"))
        );
    }
}
