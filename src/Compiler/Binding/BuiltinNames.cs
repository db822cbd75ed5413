using System.Collections.Frozen;

namespace Mtlc.Compiler.Binding;

/// <summary>The functions that are decided while compiling.</summary>
public static class BuiltinNames
{
    /// <summary>Their parameters, in order; all are required but the second of `range`.</summary>
    public static readonly FrozenDictionary<string, string[]> Parameters = new Dictionary<string, string[]>
    {
        ["range"] = ["start", "end"],
        ["length"] = ["list"],
        ["channels"] = ["x"],
        ["reverse"] = ["list"],
        ["per"] = ["value", "index"],
        ["split"] = ["x", "parts"],
    }.ToFrozenDictionary();

    public static IReadOnlyCollection<string> All => Parameters.Keys;
}
