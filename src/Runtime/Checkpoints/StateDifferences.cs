using Mtlc.Runtime.Files;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>What stands between a set of named tensors and the set that is wanted.</summary>
static class StateDifferences
{
    /// <returns>One line for each name that is missing or too much, or whose shape or type differs.</returns>
    public static IReadOnlyList<string> Between(
        IEnumerable<(string Name, Tensor Value)> wanted,
        IReadOnlyDictionary<string, Tensor> found
    )
    {
        var differences = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in wanted)
        {
            names.Add(name);
            if (!found.TryGetValue(name, out var other))
                differences.Add($"{name}: missing");
            else if (!other.shape.AsSpan().SequenceEqual(value.shape))
                differences.Add($"{name}: [{string.Join(", ", other.shape)}], wanted [{string.Join(", ", value.shape)}]");
            else if (other.dtype != value.dtype)
                differences.Add($"{name}: {other.dtype}, wanted {value.dtype}");
        }
        differences.AddRange(found.Keys.Where(k => !names.Contains(k)).Select(k => $"{k}: not wanted"));
        return differences;
    }

    /// <exception cref="RunException">They differ; the message lists how.</exception>
    public static void Require(
        string what,
        IEnumerable<(string Name, Tensor Value)> wanted,
        IReadOnlyDictionary<string, Tensor> found
    )
    {
        var differences = Between(wanted, found);
        if (differences.Count == 0)
            return;
        throw new RunException(
            $"{what} does not fit this program in {differences.Count} places:\n  {string.Join("\n  ", differences)}"
        );
    }
}
