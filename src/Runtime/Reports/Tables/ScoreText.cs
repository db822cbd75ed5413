using System.Globalization;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Metrics;

namespace Mtlc.Runtime.Reports.Tables;

/// <summary>Numbers of the tables as text, the same in every format.</summary>
public static class ScoreText
{
    public static string Number(double value) =>
        double.IsNaN(value)
            ? "–"
            : value.ToString(
                Math.Abs(value) switch
                {
                    >= 1000 => "#,0",
                    >= 1 or 0 => "0.00",
                    _ => "0.0000",
                },
                CultureInfo.InvariantCulture
            );

    public static string Number(double value, MetricMeaning metric) =>
        double.IsNaN(value)
            ? "–"
            : value.ToString("F" + metric.Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>"62.31 ± 0.48 (3)"; without deviation for a single run.</summary>
    public static string Score(ScoreCell cell, MetricMeaning metric, int runs) =>
        double.IsNaN(cell.Deviation)
            ? Number(cell.Mean, metric)
            : $"{Number(cell.Mean, metric)} ± {Number(cell.Deviation, metric)} ({runs.ToString(CultureInfo.InvariantCulture)})";

    /// <summary>"+0.28, noise 0.48: not distinguishable"; empty without a baseline.</summary>
    public static string Difference(ScoreCell cell, MetricMeaning metric) =>
        double.IsNaN(cell.Difference)
            ? ""
            : Signed(cell.Difference, metric)
                + cell.IsDistinguishable switch
                {
                    null => "",
                    true => $", noise {Number(cell.Noise, metric)}",
                    false => $", noise {Number(cell.Noise, metric)}: not distinguishable",
                };

    public static string Signed(double value, MetricMeaning metric) =>
        double.IsNaN(value) ? "–" : (value < 0 ? "−" : "+") + Number(Math.Abs(value), metric);

    /// <summary>"+2.31 %"; empty for NaN.</summary>
    public static string Percent(double value) =>
        double.IsNaN(value) ? "" : (value < 0 ? "−" : "+") + Math.Abs(value).ToString("F2", CultureInfo.InvariantCulture) + " %";

    public static string Arrow(MetricDirection direction) =>
        direction switch
        {
            MetricDirection.Higher => "↑",
            MetricDirection.Lower => "↓",
            _ => "",
        };

    /// <summary>"semseg mean IoU % ↑".</summary>
    public static string Head(MetricMeaning column) =>
        string.Join(' ', new[] { column.FullTitle, column.Unit, Arrow(column.Direction) }.Where(p => p.Length > 0));
}
