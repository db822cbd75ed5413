namespace Mtlc.Runtime.Weights;

/// <summary>What stands before an encoder's names in a file.</summary>
/// <param name="IsForeign">Neither nothing nor the encoder's own name: `module.`, `backbone.`</param>
public readonly record struct WeightsPrefix(string Text, int Rank, bool IsForeign);

/// <summary>
/// Where in a file an encoder may be: under the names as they are, under its own, or under whatever a wrapper or another network
/// put before them. And which of several tables is meant where all have it: a checkpoint's customary keys come before others,
/// which hold averages and older states. </summary>
static class WeightsPrefixes
{
    const int MostForeign = 16;

    static readonly string[] Customary =
    [
        "",
        "state_dict",
        "model_state_dict",
        "model_state",
        "model",
        "net",
        "network",
        "module",
        "weights",
        "params",
        "encoder",
        "backbone",
        "teacher", // of a network that taught itself, the part that is published
    ];

    public static IEnumerable<WeightsPrefix> Of(WeightsTable table, string own, WantedNames wanted)
    {
        var locals = wanted
            .Tensors.SelectMany(w => w.Parts)
            .Where(p => p.Zeros == 0)
            .Select(p => p.Name)
            .ToHashSet(StringComparer.Ordinal);
        var foreign = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in table.Tensors.Select(t => t.Name))
        {
            var ends = 0;
            for (var dot = name.IndexOf('.'); dot >= 0 && ends < 32; dot = name.IndexOf('.', dot + 1), ends++)
            {
                if (locals.Contains(name[(dot + 1)..]))
                    foreign[name[..(dot + 1)]] = foreign.GetValueOrDefault(name[..(dot + 1)]) + 1;
            }
        }
        foreign.Remove(own);
        var hasOwn = table.Tensors.Any(t => t.Name.StartsWith(own, StringComparison.Ordinal));
        return foreign
            .OrderByDescending(f => f.Value)
            .ThenBy(f => f.Key, StringComparer.Ordinal)
            .Take(MostForeign)
            .Select(f => new WeightsPrefix(f.Key, 2, true))
            .Prepend(new("", 1, false))
            .Concat(hasOwn ? [new(own, 0, false)] : []);
    }

    /// <summary>The lower the more customary.</summary>
    public static int RankOf(WeightsTable table)
    {
        var rank = Array.IndexOf(Customary, table.Place[(table.Place.LastIndexOf('.') + 1)..]);
        return rank < 0 ? Customary.Length : rank;
    }
}
