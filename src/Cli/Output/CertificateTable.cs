using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Export;

namespace Mtlc.Cli.Output;

/// <summary>What was exported, and how far it is from what mtlc computes.</summary>
static class CertificateTable
{
    public static void Write(Terminal output, ExportReport report)
    {
        output.WriteLine(output.Style(string.Join(" and ", report.Files), Ink.Bold));
        output.WriteText(
            $"{Amount.Count(report.Bytes)}B, {Quantity.Grouped(report.Operators)} operators, "
                + $"{Quantity.Grouped(report.Parameters)} parameters"
                + (report.Step > 0 ? $", step {Quantity.Grouped(report.Step)}" : ", untrained")
        );
        if (report.Certificate is not { } certificate)
            return;
        output.WriteLine();
        output.WriteText(
            $"{certificate.Runtime} against mtlc, on pictures of {string.Join(", ", certificate.Sizes)} and "
                + $"{Quantity.Grouped(certificate.Images)} of val:"
        );
        output.WriteLine();
        Features(certificate).Write(output);
        output.WriteLine();
        Outputs(certificate).Write(output);
        if (certificate.Scores.Length > 0)
        {
            output.WriteLine();
            Scores(certificate).Write(output);
        }
        output.WriteLine();
        output.WriteText(
            certificate.IsKept
                ? "Every error is within what rounding explains."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"NOT the same: an error exceeds its bound ({Certificate.MostError:0.###} of the largest number, "
                        + $"{100 * Certificate.MostLabels:0.##} % of the classes, {Certificate.MostPoints} points of a score)."
                )
        );
        if (report.Precision is { } precision)
            WritePrecision(output, report, precision);
    }

    static void WritePrecision(Terminal output, ExportReport report, PrecisionReport precision)
    {
        var (name, layers) = (
            precision.Precision == ExportPrecision.Int8 ? "int8" : "fp16",
            precision.Layers - precision.Float.Length
        );
        output.WriteLine();
        output.WriteText(
            precision.Precision == ExportPrecision.Int8
                ? $"{name}: {Quantity.Grouped(layers)} of {Quantity.Grouped(precision.Layers)} convolutions, ranges from "
                    + $"{Quantity.Grouped(precision.Pictures)} pictures of train; {Size(report.Bytes)}, "
                    + $"in float32 {Size(precision.FloatBytes)}"
                : $"{name}: {Size(report.Bytes)}, in float32 {Size(precision.FloatBytes)}"
        );
        output.WriteLine();
        var table = new TextTable([
            new("score"),
            new(""),
            new TableColumn("mtlc eval", IsNumber: true),
            .. precision.Tries.Select(t => new TableColumn(
                Head(precision, t),
                IsNumber: true,
                Rank: t == precision.Tries[^1] ? 0 : 1
            )),
            new TableColumn("change", IsNumber: true),
        ]);
        foreach (var (index, score) in precision.Tries[^1].Scores.Index())
        {
            var (task, measure) = MetricNames.Split(score.Metric.Key);
            var unit = score.Metric.Unit is "" or "points" ? "" : " " + score.Metric.Unit;
            table.Add([
                task,
                measure,
                Quantity.Figures(score.Metric.Value) + unit,
                .. precision.Tries.Select(t => Quantity.Figures(t.Scores[index].Exported)),
                score.Metric.Value == 0
                    ? "–"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{100 * score.Difference / Math.Abs(score.Metric.Value):+0.00;-0.00;0.00} %"
                    ),
            ]);
        }
        table.Write(output);
        output.WriteLine();
        if (precision.Float.Length > 0 && layers > 0)
            output.WriteText($"in float32, the costliest first: {string.Join("; ", precision.Float)}");
        output.WriteText(
            precision.IsKept
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"No score loses more than {100 * precision.Tolerance:0.##} % of it."
                )
            : layers == 0 ? $"NOT {name}: no layer can have it within the tolerance; the file is in float32."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"NOT within the tolerance: a score loses {100 * precision.Tries[^1].Worst:0.##} % of it."
            )
        );
    }

    static string Head(PrecisionReport precision, PrecisionTry one) =>
        precision.Precision == ExportPrecision.Fp16 ? "fp16"
        : one.Float == 0 ? "all int8"
        : one.Float == precision.Layers ? "none"
        : $"{Quantity.Grouped(one.Float)} in float32";

    static string Size(long bytes) => Amount.Bytes(bytes);

    static TextTable Features(Certificate certificate)
    {
        var table = new TextTable(
            new("features of"),
            new("at", Rank: 2),
            new TableColumn("worst error", IsNumber: true),
            new TableColumn("of the largest", IsNumber: true),
            new("")
        );
        foreach (var feature in certificate.Features)
            table.Add(feature.Statement, feature.Place, Small(feature.Worst), Small(feature.Relative), Mark(feature.IsKept));
        return table;
    }

    static TextTable Outputs(Certificate certificate)
    {
        var table = new TextTable(
            new("output"),
            new("at", Rank: 2),
            new TableColumn("worst error", IsNumber: true),
            new TableColumn("of the largest", IsNumber: true),
            new TableColumn("other classes", IsNumber: true),
            new TableColumn("of pixels", IsNumber: true, Rank: 1),
            new("")
        );
        foreach (var output in certificate.Outputs)
        {
            table.Add(
                output.Task,
                output.Place,
                output.HasNumbers ? $"{Small(output.Worst)}{(output.Unit.Length > 0 ? " " + output.Unit : "")}" : "",
                output.HasNumbers ? Small(output.Relative) : "",
                output.Pixels > 0 ? Quantity.Grouped(output.Differing) : "",
                output.Pixels > 0 ? Quantity.Grouped(output.Pixels) : "",
                Mark(output.IsKept)
            );
        }
        return table;
    }

    // Those of single classes and distances are in the file.
    static TextTable Scores(Certificate certificate)
    {
        var table = new TextTable(
            new("score"),
            new(""),
            new TableColumn("mtlc eval", IsNumber: true),
            new TableColumn("the file", IsNumber: true),
            new TableColumn("difference", IsNumber: true),
            new("")
        );
        foreach (var score in certificate.Scores.Where(s => !MetricNames.IsDetail(s.Metric.Key) || !s.IsKept))
        {
            var (task, name) = MetricNames.Split(score.Metric.Key);
            var unit = score.Metric.Unit is "" or "points" ? "" : " " + score.Metric.Unit;
            table.Add(
                task,
                name,
                Quantity.Figures(score.Metric.Value) + unit,
                Quantity.Figures(score.Exported) + unit,
                Small(score.Difference),
                Mark(score.IsKept)
            );
        }
        return table;
    }

    static string Small(double value) => value == 0 ? "0" : Quantity.Figures(value, 2);

    static string Mark(bool isKept) => isKept ? "" : "BROKEN";
}
