using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
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

    /// <summary>Other places in the file that have as much of the encoder, where nothing tells which is meant.</summary>
    public ImmutableArray<string> Rivals { get; init; } = [];

    /// <summary>The tables of a file that has several.</summary>
    public ImmutableArray<string> Tables { get; init; } = [];

    /// <summary>
    /// Matches by name below the encoder: "trunk.layer4.0.conv1.weight" takes the file's "layer4.0.conv1.weight", or, where a
    /// file was saved from a whole network, its "trunk.layer4.0.conv1.weight" or another prefix's
    /// (<see cref="WeightsPrefixes"/>). Of several tables and prefixes it is those which have the most of the encoder.
    /// `num_batches_tracked`, which files before PyTorch 0.4.1 lack, may be absent. </summary>
    /// <param name="encoder">The encoder's name.</param>
    /// <param name="parameters">The network's parameters and buffers; others than the encoder's are passed over.</param>
    public static WeightsCoverage Of(string encoder, IEnumerable<Parameter> parameters, ImmutableArray<WeightsTable> tables)
    {
        var own = encoder + ".";
        ImmutableArray<(string Name, Parameter Parameter)> wanted =
        [
            .. parameters.Where(p => p.Name.StartsWith(own, StringComparison.Ordinal)).Select(p => (p.Name[own.Length..], p)),
        ];
        var ranked = tables
            .SelectMany(table =>
                WeightsPrefixes.Of(table, own, wanted).Select(prefix => (table, prefix, Coverage: Of(table, prefix, wanted)))
            )
            .Where(c => !c.prefix.IsForeign || 2 * c.Coverage.Found.Length >= wanted.Length)
            .OrderByDescending(c => c.Coverage.Found.Length)
            .ThenBy(c => c.prefix.Rank)
            .ThenBy(c => WeightsPrefixes.RankOf(c.table))
            .ToList();
        var (best, at) = (ranked[0], WeightsPrefixes.RankOf(ranked[0].table));
        return best.Coverage with
        {
            Place = Described(best.table, best.prefix),
            Rivals =
            [
                .. ranked
                    .Skip(1)
                    .TakeWhile(c =>
                        c.Coverage.Found.Length == best.Coverage.Found.Length
                        && c.prefix.Rank == best.prefix.Rank
                        && WeightsPrefixes.RankOf(c.table) == at
                    )
                    .Select(c => Described(c.table, c.prefix)),
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

    static string Described(WeightsTable table, WeightsPrefix prefix) =>
        string.Join(
            ", ",
            (
                (string[])[table.Place.Length == 0 ? "" : $"'{table.Place}'", prefix.IsForeign ? $"below '{prefix.Text}'" : ""]
            ).Where(part => part.Length > 0)
        );

    static WeightsCoverage Of(WeightsTable table, WeightsPrefix prefix, ImmutableArray<(string Name, Parameter Parameter)> wanted)
    {
        var tensors = new Dictionary<string, WeightsTensor>();
        foreach (var tensor in table.Tensors)
            tensors[tensor.Name] = tensor;
        var found = ImmutableArray.CreateBuilder<(Parameter, WeightsTensor)>();
        var missing = ImmutableArray.CreateBuilder<string>();
        var used = new HashSet<string>();
        foreach (var (local, parameter) in wanted)
        {
            var name = prefix.Text + local;
            if (!tensors.TryGetValue(name, out var tensor))
            {
                if (!name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    missing.Add(name);
            }
            else if (tensor.Unfit is { } unfit)
            {
                missing.Add($"{name} (in the file it is {unfit})");
            }
            else if (!tensor.Dimensions.SequenceEqual(parameter.Dimensions.Select(d => (long)d)))
            {
                missing.Add(
                    $"{name} ([{string.Join(", ", tensor.Dimensions)}] in the file, "
                        + $"[{string.Join(", ", parameter.Dimensions)}] in the encoder)"
                );
            }
            else
            {
                found.Add((parameter, tensor));
                used.Add(name);
            }
        }
        return new(
            found.ToImmutable(),
            missing.ToImmutable(),
            [.. table.Tensors.Select(t => t.Name).Where(n => !used.Contains(n))]
        );
    }

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
                    + $"{Listed(Missing)}. Write partial: true beside weights to start these at random{tables}"
            );
        if (!Rivals.IsEmpty)
            throw new DataException(
                $"{path} has encoder '{encoder.Name}' in {Rivals.Length + 1} places, and nothing tells which is meant: "
                    + $"{Listed([Place, .. Rivals])}. "
                    + "Save the one that is meant in a file of its own, with torch.save(checkpoint[\"NAME\"], path)"
            );
    }

    internal LoadedWeights Loaded(EncoderWeights encoder, string path) =>
        new(encoder.Name, path, Found.Length, Missing, Unused) { Place = Place };

    internal static string Listed(ImmutableArray<string> names) =>
        names.IsEmpty ? "nothing" : string.Join(", ", names.Take(8)) + (names.Length > 8 ? $" and {names.Length - 8} more" : "");
}
