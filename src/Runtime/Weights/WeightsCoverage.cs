using System.Collections.Immutable;
using Mtlc.Compiler.Binding;
using Mtlc.Compiler.Ir;
using Mtlc.Dsl.Diagnostics;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>Which tensor of a weights file belongs to which parameter of an encoder.</summary>
/// <param name="Found">With equal names and shapes.</param>
/// <param name="Missing">Parameters without a tensor, each with the reason where there is one: "conv1.weight".</param>
/// <param name="Unused">Tensors of the table that no parameter wants: a classifier's `fc.weight`.</param>
public sealed record WeightsCoverage(
    ImmutableArray<(Parameter Parameter, WeightsTensor Tensor)> Found,
    ImmutableArray<string> Missing,
    ImmutableArray<string> Unused
)
{
    /// <summary>Which tensors of the file these are, where that must be said: "" for all of it, or "'model', below
    /// 'module.'".</summary>
    public string Place { get; init; } = "";

    /// <summary>How many parameters need nothing of the file, for they start as they should.</summary>
    int Known { get; init; }

    /// <summary>Other places in the file that have as much of the encoder, where nothing tells which is meant.</summary>
    public ImmutableArray<string> Rivals { get; init; } = [];

    /// <summary>The tables of a file that has several.</summary>
    public ImmutableArray<string> Tables { get; init; } = [];

    /// <summary>
    /// Matches by name below the encoder: "trunk.layer4.0.conv1.weight" takes the file's "layer4.0.conv1.weight", or, where a
    /// file was saved from a whole network, its "trunk.layer4.0.conv1.weight" or another prefix's
    /// (<see cref="WeightsPrefixes"/>). Of several tables and prefixes it is those which have the most of the encoder.
    /// So it is of the styles of names that the library knows (<see cref="WeightNames"/>): an encoder is found under its own
    /// names or under timm's, Hugging Face's, its authors'. `num_batches_tracked`, which files before PyTorch 0.4.1 lack, may
    /// be absent. What `adapt` put beside an encoder is taken from a file that has any of it, under the library's names.
    /// </summary>
    /// <param name="encoder">The encoder's name.</param>
    /// <param name="parameters">The network's parameters and buffers; others than the encoder's are passed over.</param>
    public static WeightsCoverage Of(string encoder, IEnumerable<Parameter> parameters, ImmutableArray<WeightsTable> tables)
    {
        var own = encoder + ".";
        var all = WantedNames.InEveryStyle(own, parameters);
        var adapters = WantedNames.OfAdapters(own, parameters);
        var ranked = all.SelectMany(
                (style, i) =>
                    tables.SelectMany(table =>
                        WeightsPrefixes
                            .Of(table, own, style)
                            .Select(prefix => (table, prefix, style, Style: i, Coverage: Of(table, prefix, style)))
                    )
            )
            .Where(c => c is { prefix.IsForeign: false, Style: 0 } || 2 * c.Coverage.Found.Length >= c.style.Tensors.Length)
            .OrderByDescending(c => c.Coverage.Found.Length + c.Coverage.Known)
            .ThenByDescending(c => c.Coverage.Found.Length)
            .ThenBy(c => c.Style)
            .ThenBy(c => c.prefix.Rank)
            .ThenBy(c => WeightsPrefixes.RankOf(c.table))
            .ToList();
        var (best, at) = (ranked[0], WeightsPrefixes.RankOf(ranked[0].table));
        // A network that was adapted comes with all that was put beside it, or with nothing.
        var names = best.table.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var isAdapted = adapters.Tensors.Any(t => names.Contains(best.prefix.Text + t.Parts[0].Name));
        return (isAdapted ? best.Coverage.And(Of(best.table, best.prefix, adapters)) : best.Coverage) with
        {
            Place = Described(best.table, best.prefix, best.style),
            Rivals =
            [
                .. ranked
                    .Skip(1)
                    .TakeWhile(c =>
                        c.Coverage.Found.Length == best.Coverage.Found.Length
                        && c.Style == best.Style
                        && c.prefix.Rank == best.prefix.Rank
                        && WeightsPrefixes.RankOf(c.table) == at
                    )
                    .Select(c => Described(c.table, c.prefix, c.style)),
            ],
            Tables =
                tables.Length == 1
                    ? []
                    :
                    [
                        .. tables
                            .OrderBy(WeightsPrefixes.RankOf)
                            .Select(t => $"{(t.Place.Length == 0 ? "the outermost" : $"'{t.Place}'")} ({t.Tensors.Length})"),
                    ],
        };
    }

    WeightsCoverage And(WeightsCoverage other) =>
        this with
        {
            Found = Found.AddRange(other.Found),
            Missing = Missing.AddRange(other.Missing),
            Unused = [.. Unused.Intersect(other.Unused)],
        };

    static string Described(WeightsTable table, WeightsPrefix prefix, WantedNames style) =>
        string.Join(
            ", ",
            (
                (string[])
                    [
                        table.Place.Length == 0 ? "" : $"'{table.Place}'",
                        prefix.IsForeign ? $"below '{prefix.Text}'" : "",
                        style.Title,
                    ]
            ).Where(part => part.Length > 0)
        );

    static WeightsCoverage Of(WeightsTable table, WeightsPrefix prefix, WantedNames wanted)
    {
        var tensors = new Dictionary<string, WeightsTensor>();
        foreach (var tensor in table.Tensors)
            tensors[tensor.Name] = tensor;
        var found = ImmutableArray.CreateBuilder<(Parameter, WeightsTensor)>();
        var missing = ImmutableArray.CreateBuilder<string>();
        var used = new HashSet<string>();
        var known = 0;
        foreach (var (parameter, parts) in wanted.Tensors)
        {
            List<string> names = [.. parts.Where(p => p.Zeros == 0).Select(p => prefix.Text + p.Name)];
            var absent = names.Where(n => !tensors.ContainsKey(n)).ToList();
            if (parts.Length > 0 && parts[0].IsAbsent)
            {
                var there = names.Where(tensors.ContainsKey).ToList();
                missing.AddRange(there.Select(n => $"{n} without others of its kind"));
                known += there.Count == 0 ? 1 : 0;
                continue;
            }
            if (IsKnown(parameter, names, absent.Count == 0 ? tensors : null))
            {
                known++;
                used.UnionWith(names);
                continue;
            }
            if (absent.Count > 0)
            {
                missing.AddRange(absent.Where(n => !n.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
                continue;
            }
            var tensor = JoinedTensor.Of(
                [.. parts.Select(p => p.Zeros == 0 ? JoinedTensor.Part(tensors[prefix.Text + p.Name], p) : null)],
                [.. parts.Select(p => p.Zeros)],
                parameter,
                isRenamed: wanted.Title.Length > 0
            );
            if (tensor.Unfit is { } unfit)
            {
                missing.Add($"{tensor.Name} (in the file it is {unfit})");
            }
            else if (!tensor.Dimensions.SequenceEqual(parameter.Dimensions.Select(d => (long)d)))
            {
                missing.Add(
                    $"{tensor.Name} ([{string.Join(", ", tensor.Dimensions)}] in the file, "
                        + $"[{string.Join(", ", parameter.Dimensions)}] in the encoder)"
                );
            }
            else
            {
                found.Add((parameter, tensor));
                used.UnionWith(names);
            }
        }
        return new(
            found.ToImmutable(),
            missing.ToImmutable(),
            [.. table.Tensors.Select(t => t.Name).Where(n => !used.Contains(n))]
        )
        {
            Known = known,
        };
    }

    // Files of a style may have no such tensor; what is computed from sizes alone they have in any shape, or not at all.
    static bool IsKnown(Parameter parameter, List<string> names, Dictionary<string, WeightsTensor>? tensors) =>
        names.Count == 0
        || parameter.Spec.Initializer == Initializer.Listed
            && (
                tensors is null
                || names is [var name]
                    && tensors[name].Dimensions.Aggregate(1L, (product, d) => product * d) == parameter.Count
                    && !tensors[name].Dimensions.SequenceEqual(parameter.Dimensions.Select(d => (long)d))
            );

    /// <summary>Refuses a file that does not have the whole encoder, or, where a part is enough, has nothing of it, or has it
    /// twice.</summary>
    /// <exception cref="DataException">The message lists what is missing.</exception>
    public void Require(EncoderWeights encoder, string path)
    {
        var tables = Tables.IsEmpty ? "" : $". The file has {Tables.Length} tables of tensors: {Listed(Tables)}";
        if (Found.IsEmpty)
            throw new DataException(
                $"{path} has nothing of encoder '{encoder.Name}': {encoder.Component} has {Listed(Missing)}, and the file "
                    + $"{Listed(Unused)}{tables}"
            );
        if (!Missing.IsEmpty && !encoder.Partial)
            throw new DataException(
                $"{path}{(Place.Length == 0 ? "" : $", {Place},")} lacks {Missing.Length} of the "
                    + $"{Missing.Length + Found.Length} tensors of encoder '{encoder.Name}' ({encoder.Component}): "
                    + $"{Listed(Missing)}{Nearest}. {(Unused.IsEmpty ? "" : $"Not used of the file: {Listed(Unused)}. ")}"
                    + $"Write partial: true beside weights to start these at random{tables}"
            );
        if (!Rivals.IsEmpty)
            throw new DataException(
                $"{path} has encoder '{encoder.Name}' in {Rivals.Length + 1} places, and nothing tells which is meant: "
                    + $"{Listed([Place, .. Rivals])}. "
                    + "Save the one that is meant in a file of its own, with torch.save(checkpoint[\"NAME\"], path)"
            );
    }

    // What a name that is missing was probably called.
    string Nearest
    {
        get
        {
            var near = Missing
                .Take(8)
                .Where(m => !m.Contains(' ', StringComparison.Ordinal))
                .Select(m => (Name: m, Near: Suggestions.Closest(m, Unused)))
                .Where(m => m.Near is not null)
                .Select(m => $"'{m.Near}' is near '{m.Name}'")
                .ToList();
            return near.Count == 0 ? "" : $" ({string.Join(", ", near)})";
        }
    }

    internal LoadedWeights Loaded(EncoderWeights encoder, string path) =>
        new(encoder.Name, path, Found.Length, Missing, Unused) { Place = Place };

    internal static string Listed(ImmutableArray<string> names) =>
        names.IsEmpty ? "nothing" : string.Join(", ", names.Take(8)) + (names.Length > 8 ? $" and {names.Length - 8} more" : "");
}
