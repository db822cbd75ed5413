using Mtlc.Compiler.Ir;
using Mtlc.Runtime.Weights;

namespace Mtlc.Cli.Output;

/// <summary>What is said of pretrained weights.</summary>
static class WeightsText
{
    /// <summary>"downloading resnet34-b627a593.pth  12.5 of 83.3 MB".</summary>
    public static string Download(DownloadProgress progress)
    {
        var total = progress.Total is { } all ? $" of {Megabytes(all)}" : "";
        return $"downloading {Path.GetFileName(progress.File)}  {Megabytes(progress.Received)}{total} MB";
    }

    /// <summary>"trunk starts from ../resnet34.pth (216 tensors; not used: fc.weight, fc.bias)".</summary>
    public static string Loaded(LoadedWeights encoder)
    {
        List<string> facts = [$"{encoder.Loaded} tensors"];
        if (encoder.Unused.Length > 0)
            facts.Add($"not used: {Names(encoder.Unused)}");
        if (encoder.Missing.Length > 0)
            facts.Add($"missing, start at random: {Names(encoder.Missing)}");
        var place = encoder.Place.Length == 0 ? "" : $", {encoder.Place}";
        return $"{encoder.Encoder} starts from {encoder.Path}{place} ({string.Join("; ", facts)})";
    }

    /// <summary>"trunk starts from ImageNet weights, not on this machine: they are downloaded when training starts".</summary>
    public static string Absent(EncoderWeights encoder) =>
        encoder.Weights == "imagenet"
            ? $"{encoder.Name} starts from ImageNet weights, not on this machine: they are downloaded when training starts"
            : $"{encoder.Name} starts from {encoder.File.Full}, not on this machine: what the encoder needs of it "
                + $"was not checked";

    static string Names(IReadOnlyList<string> names) =>
        names.Count <= 4 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more";

    static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:F1}");
}
