using System.Globalization;

namespace Mtlc.Compiler.Ir;

/// <summary>Large numbers and bytes as people read them, the same in every locale.</summary>
public static class Amount
{
    /// <summary>Three figures and a prefix: 20131 M -> "20.1 G"; below a thousand the number itself.</summary>
    public static string Count(long number) => Prefixed(number, 1000, "", " k", " M", " G", " T", " P", " E");

    /// <summary>"36.0 KiB", "1.46 GiB".</summary>
    public static string Bytes(long bytes) => Prefixed(bytes, 1024, " B", " KiB", " MiB", " GiB", " TiB", " PiB");

    /// <summary>"1,024 MiB": in one unit, for columns and for what is compared line by line.</summary>
    public static string Mebibytes(long bytes, bool hasTenths = false) =>
        (bytes / (double)(1 << 20)).ToString(hasTenths ? "N1" : "N0", CultureInfo.InvariantCulture) + " MiB";

    static string Prefixed(long number, double step, params ReadOnlySpan<string> units)
    {
        var (value, unit) = ((double)number, 0);
        while (Math.Abs(value) >= step * 0.9995 && unit < units.Length - 1)
            (value, unit) = (value / step, unit + 1);
        return value.ToString(
                unit == 0 || Math.Abs(value) >= 99.95 ? "F0"
                    : Math.Abs(value) >= 9.995 ? "F1"
                    : "F2",
                CultureInfo.InvariantCulture
            ) + units[unit];
    }
}
