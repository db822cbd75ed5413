using System.Collections.Immutable;
using System.Globalization;

namespace Mtlc.Runtime.Data;

/// <summary>The unit in which predicted depth is written as a 16-bit PNG.</summary>
/// <param name="Symbol">"mm": part of the file's name.</param>
/// <param name="PerMetre">Units in a metre.</param>
public sealed record DepthPng(string Symbol, int PerMetre)
{
    public static readonly ImmutableArray<DepthPng> All = [new("mm", 1000), new("cm", 100)];

    /// <summary>The finest one.</summary>
    public static DepthPng Standard => All[0];

    /// <summary>The farthest that 16 bits hold: "65.535 m".</summary>
    public string Farthest => (ushort.MaxValue / (decimal)PerMetre).ToString(CultureInfo.InvariantCulture) + " m";
}
