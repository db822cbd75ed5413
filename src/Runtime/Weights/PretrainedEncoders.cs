using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Checkpoints;
using Mtlc.Runtime.Data;
using Mtlc.Runtime.Torch;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Weights;

/// <summary>What was taken from a weights file.</summary>
/// <param name="Unused">Tensors of the file that the encoder has no use for.</param>
/// <param name="Missing">Parameters that the file lacks and that start at random (`partial: true`).</param>
public sealed record PretrainedEncoder(string Encoder, string Path, int Loaded, ImmutableArray<string> Unused, ImmutableArray<string> Missing);

/// <summary>Gives encoders the weights that the program asks for.</summary>
public static class PretrainedEncoders
{
    /// <exception cref="DataException">A file is damaged, or lacks a part of its encoder.</exception>
    /// <exception cref="IOException">A file is missing or cannot be downloaded; the message says what to put where.</exception>
    public static ImmutableArray<PretrainedEncoder> Load(
        Model model, ParameterStore parameters, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default) =>
        [.. model.Encoders.Where(e => e.Weights != "none").Select(e => Load(e, parameters, progress, cancellation))];

    static PretrainedEncoder Load(EncoderWeights encoder, ParameterStore parameters, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var path = encoder.Weights == "imagenet"
            ? WeightsCache.Default.Locate(encoder.Component, progress, cancellation)
            : encoder.Weights;
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: the weights of encoder '{encoder.Name}' are not there", path);
        var coverage = WeightsCoverage.Of(encoder.Name, parameters.Declared, Read(path));
        coverage.Require(encoder, path);
        foreach (var (parameter, stored) in coverage.Found)
        {
            var shape = parameter.Dimensions.Select(d => (long)d).ToArray();
            using var value = parameter.Spec.IsInteger ? tensor(stored.ToInt64s()).reshape(shape) : tensor(stored.ToFloats()).reshape(shape);
            parameters.Set(parameter.Name, value);
        }
        return new(encoder.Name, path, coverage.Found.Length, coverage.Unused, coverage.Missing);
    }

    static IReadOnlyList<StoredTensor> Read(string path)
    {
        if (!path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            return Archive(path);
        try
        {
            using var file = SafeTensors.Load(path);
            return [.. file.Tensors.Where(t => t.Value.numel() > 0).Select(t => Stored(t.Key, t.Value))];
        }
        catch (RunException e)
        {
            throw new DataException(e.Message, e);
        }
    }

    static IReadOnlyList<StoredTensor> Archive(string path)
    {
        try
        {
            return TorchArchive.Read(File.ReadAllBytes(path));
        }
        catch (DataException e)
        {
            throw new DataException($"{path}: {e.Message}", e);
        }
    }

    static StoredTensor Stored(string name, Tensor value)
    {
        using var integers = value.is_floating_point() ? null : value.to(ScalarType.Int64);
        using var floats = integers is null ? value.to(ScalarType.Float32) : null;
        var strides = new long[value.shape.Length];
        for (var (i, stride) = (strides.Length - 1, 1L); i >= 0; stride *= value.shape[i--])
            strides[i] = stride;
        return StoredTensor.Create(
            name, integers is null ? ElementType.Float32 : ElementType.Int64, [.. value.shape], ImmutableCollectionsMarshal.AsImmutableArray(strides), 0,
            (integers ?? floats)!.bytes.ToArray());
    }
}
