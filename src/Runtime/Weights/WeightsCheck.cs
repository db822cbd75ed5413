using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// What <see cref="EncoderWeightsLoader"/> will say when training starts, from the names and shapes in the files: nothing is
/// loaded, downloaded or hashed, and libtorch is not needed. Each file is read once. </summary>
public sealed class WeightsCheck(WeightsCache? cache = null)
{
    readonly WeightsCache cache = cache ?? WeightsCache.Default;
    readonly Dictionary<string, ImmutableArray<WeightsTable>> headers = new(StringComparer.Ordinal);

    /// <returns>null where the encoder's file is not on this machine.</returns>
    /// <exception cref="DataException">The file is no weights file, damaged, or does not cover the encoder.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public LoadedWeights? Foresee(Model model, EncoderWeights encoder)
    {
        var path =
            encoder.Weights == "imagenet" ? cache.Find(encoder.Component)
            : Path.Exists(encoder.File.Full) ? encoder.File.Full
            : null;
        if (path is null)
            return null;
        if (!headers.TryGetValue(path, out var tables))
            headers[path] = tables = WeightsFile.ReadHeader(path);
        var coverage = WeightsCoverage.Of(encoder.Name, model.Training.Parameters, tables);
        coverage.Require(encoder, path);
        return coverage.Loaded(encoder, path);
    }
}
