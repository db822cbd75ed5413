using System.Globalization;

namespace Mtlc.Cli.Output;

/// <summary>Numbers as people read them, the same in every locale.</summary>
static class Quantity
{
    /// <summary>1234567 -> "1,234,567".</summary>
    public static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>So many significant figures, without an exponent where people write none: 0.123, 12.3, 1234.</summary>
    public static string Figures(double value, int figures = 4)
    {
        if (double.IsNaN(value))
            return "-";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        if (value == 0)
            return "0";
        // Digits before the point after rounding: 0.9996 has one.
        var rounded = value.ToString("E" + Text($"{figures - 1}"), CultureInfo.InvariantCulture);
        var magnitude =
            int.Parse(
                rounded.AsSpan(rounded.IndexOf('E', StringComparison.Ordinal) + 1),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture
            ) + 1;
        return magnitude is < -3 or > 9
            ? value.ToString("0." + new string('#', figures - 1) + "e+0", CultureInfo.InvariantCulture)
            : value.ToString("F" + Text($"{Math.Clamp(figures - magnitude, 0, 15)}"), CultureInfo.InvariantCulture);
    }

    /// <summary>"48s", "3:07", "2:03:07".</summary>
    public static string Duration(TimeSpan time)
    {
        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds switch
        {
            < 60 => Text($"{seconds}s"),
            < 3600 => Text($"{seconds / 60}:{seconds % 60:00}"),
            _ => Text($"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}"),
        };
    }

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
