using System.Collections.Immutable;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Files;
using Mtlc.Runtime.Torch;

namespace Mtlc.Runtime.Weights;

/// <summary>What an encoder started from.</summary>
/// <param name="Encoder">Its name in the program.</param>
/// <param name="Path">The file that was read.</param>
/// <param name="Loaded">Tensors taken from it.</param>
/// <param name="Missing">Parameters that keep their random start: none, unless the program says `partial`.</param>
/// <param name="Unused">Tensors of the file that the encoder has no place for.</param>
public sealed record LoadedWeights(
    string Encoder,
    string Path,
    int Loaded,
    ImmutableArray<string> Missing,
    ImmutableArray<string> Unused
)
{
    /// <summary>Which tensors of the file they are, where that must be said: "" for all of it, or "'model', below
    /// 'module.'".</summary>
    public string Place { get; init; } = "";

    /// <summary>"trunk: 182 tensors of resnet34-b627a593.pth (unused: fc.weight, fc.bias)".</summary>
    public override string ToString()
    {
        var missing = Missing.IsEmpty ? "" : $"; started at random: {WeightsCoverage.Listed(Missing)}";
        var unused = Unused.IsEmpty ? "" : $" (unused: {WeightsCoverage.Listed(Unused)})";
        var place = Place.Length == 0 ? "" : $", {Place}";
        return $"{Encoder}: {Loaded} tensors of {System.IO.Path.GetFileName(Path)}{place}{unused}{missing}";
    }
}

/// <summary>Gives encoders the weights that `weights: imagenet` or `weights: "file"` name.</summary>
public static class EncoderWeightsLoader
{
    /// <summary>
    /// Reads the weights of every encoder that asks for some into the network's parameters. A file's path is taken relative to
    /// the program that names it. </summary>
    /// <param name="progress">Told of downloads.</param>
    /// <returns>One entry for each encoder that has `weights`, in the order of the program.</returns>
    /// <exception cref="DataException">A file is missing, damaged, or does not cover the encoder; no parameter of that encoder
    /// was changed.</exception>
    /// <exception cref="IOException">A file cannot be read or downloaded; the message says which file to put where.</exception>
    public static ImmutableArray<LoadedWeights> Load(
        Model model,
        ParameterStore parameters,
        WeightsCache? cache = null,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default
    ) =>
        [
            .. model
                .Encoders.Where(e => e.Weights != "none")
                .Select(e => Load(e, parameters, cache ?? WeightsCache.Default, progress, cancellation)),
        ];

    /// <summary>Finds or downloads the files, reads them whole and holds them against the encoders; nothing is changed.</summary>
    /// <exception cref="DataException">A file is missing, damaged, or does not cover the encoder.</exception>
    /// <exception cref="IOException">A file cannot be read or downloaded; the message says which file to put where.</exception>
    public static void Require(
        Model model,
        WeightsCache? cache = null,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        foreach (var encoder in model.Encoders.Where(e => e.Weights != "none"))
        {
            var path = PathOf(encoder, cache ?? WeightsCache.Default, progress, cancellation);
            using var file = WeightsFile.Open(path);
            WeightsCoverage.Of(encoder.Name, model.Training.Parameters, file.Tables).Require(encoder, path);
        }
    }

    static string PathOf(
        EncoderWeights encoder,
        WeightsCache cache,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    ) => encoder.Weights == "imagenet" ? cache.Locate(encoder.Component, progress, cancellation) : encoder.File.Full;

    static LoadedWeights Load(
        EncoderWeights encoder,
        ParameterStore parameters,
        WeightsCache cache,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation
    )
    {
        var path = PathOf(encoder, cache, progress, cancellation);
        using var file = WeightsFile.Open(path);
        var coverage = WeightsCoverage.Of(encoder.Name, parameters.Declared, file.Tables);
        coverage.Require(encoder, path);
        foreach (var (parameter, stored) in coverage.Found)
        {
            using var value = stored.Load();
            parameters.Set(parameter.Name, value);
        }
        return coverage.Loaded(encoder, path);
    }
}
