using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Data;

namespace Mtlc.Runtime.Weights;

/// <summary>Which tensor of a weights file belongs to which parameter of an encoder.</summary>
/// <param name="Found">With equal names and shapes.</param>
/// <param name="Missing">Parameters without a tensor, each with the reason where there is one: "conv1.weight".</param>
/// <param name="Unused">Tensors of the file that no parameter wants: a classifier's `fc.weight`.</param>
public sealed record WeightsCoverage(
    ImmutableArray<(Parameter Parameter, WeightsTensor Tensor)> Found, ImmutableArray<string> Missing, ImmutableArray<string> Unused)
{
    /// <summary>
    /// Matches by name below the encoder: "trunk.layer4.0.conv1.weight" takes the file's "layer4.0.conv1.weight", or, where a file was
    /// saved from a whole network, its "trunk.layer4.0.conv1.weight". `num_batches_tracked`, which files before PyTorch 0.4.1 lack, may be absent.
    /// </summary>
    /// <param name="encoder">The encoder's name.</param>
    /// <param name="parameters">The network's parameters and buffers; others than the encoder's are passed over.</param>
    public static WeightsCoverage Of(string encoder, IEnumerable<Parameter> parameters, IReadOnlyList<WeightsTensor> file)
    {
        var prefix = encoder + ".";
        var whole = file.Any(t => t.Name.StartsWith(prefix, StringComparison.Ordinal));
        var tensors = new Dictionary<string, WeightsTensor>();
        foreach (var tensor in file)
            tensors[tensor.Name] = tensor;
        var found = ImmutableArray.CreateBuilder<(Parameter, WeightsTensor)>();
        var missing = ImmutableArray.CreateBuilder<string>();
        var used = new HashSet<string>();
        foreach (var parameter in parameters.Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var name = whole ? parameter.Name : parameter.Name[prefix.Length..];
            if (!tensors.TryGetValue(name, out var tensor))
            {
                if (!name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    missing.Add(name);
            }
            else if (!tensor.Dimensions.SequenceEqual(parameter.Dimensions.Select(d => (long)d)))
            {
                missing.Add($"{name} ([{string.Join(", ", tensor.Dimensions)}] in the file, [{string.Join(", ", parameter.Dimensions)}] in the encoder)");
            }
            else
            {
                found.Add((parameter, tensor));
                used.Add(name);
            }
        }
        return new(found.ToImmutable(), missing.ToImmutable(), [.. file.Select(t => t.Name).Where(n => !used.Contains(n))]);
    }

    /// <summary>Refuses a file that does not have the whole encoder, or, where a part is enough, has nothing of it.</summary>
    /// <exception cref="DataException">The message lists what is missing.</exception>
    public void Require(EncoderWeights encoder, string path)
    {
        if (Found.IsEmpty)
            throw new DataException(
                $"{path} has nothing of encoder '{encoder.Name}': {encoder.Component} has {Listed(Missing)}, and the file {Listed(Unused)}");
        if (!Missing.IsEmpty && !encoder.Partial)
            throw new DataException(
                $"{path} lacks {Missing.Length} of the {Missing.Length + Found.Length} tensors of encoder '{encoder.Name}' ({encoder.Component}): "
                + $"{Listed(Missing)}. Write partial: true beside weights to start these at random");
    }

    internal static string Listed(ImmutableArray<string> names) =>
        names.IsEmpty ? "nothing" : string.Join(", ", names.Take(8)) + (names.Length > 8 ? $" and {names.Length - 8} more" : "");
}
