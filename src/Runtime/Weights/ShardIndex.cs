using System.Collections.Immutable;
using System.Text.Json;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>`model.safetensors.index.json`: which file beside it has which tensor of a network that was saved in
/// several.</summary>
sealed class ShardIndex
{
    const int LargestIndex = 64 << 20;

    readonly string folder;
    readonly ImmutableArray<(string Tensor, string File)> places;

    ShardIndex(string folder, ImmutableArray<(string Tensor, string File)> places) =>
        (this.folder, this.places) = (folder, places);

    /// <summary>Whether a file is JSON, which no other weights file begins as.</summary>
    public static bool Is(string path)
    {
        Span<byte> start = stackalloc byte[16];
        using var file = RegularFile.OpenRead(path);
        var read = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)].TrimStart(" \r\n\t"u8);
        return read is [(byte)'{', ..];
    }

    /// <exception cref="DataException">It is no index.</exception>
    public static ShardIndex Read(string path)
    {
        if (new FileInfo(path).Length > LargestIndex)
            throw new DataException("this is JSON, and too long for an index of weights files");
        try
        {
            using var json = JsonDocument.Parse(RegularFile.ReadAllBytes(path));
            if (
                json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object
            )
                throw new DataException("this is JSON without a 'weight_map': no index of weights files");
            var places = map.EnumerateObject().Select(p => (p.Name, File: p.Value.GetString() ?? "")).ToImmutableArray();
            if (places.IsEmpty)
                throw new DataException("its 'weight_map' is empty");
            if (places.FirstOrDefault(p => p.File.Length == 0 || Path.GetFileName(p.File) != p.File) is { Name: { } odd } place)
                throw new DataException($"its 'weight_map' has '{odd}' in '{place.File}', which is no file beside it");
            return new(Path.GetDirectoryName(Path.GetFullPath(path))!, places);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new DataException($"this is no index of weights files: {e.Message}", e);
        }
    }

    /// <summary>One table of all tensors, each from the file that the index says.</summary>
    /// <param name="open">Gives the tables of a file.</param>
    /// <exception cref="DataException">A file is missing, or has not what the index promises.</exception>
    public WeightsTable Merge(Func<string, ImmutableArray<WeightsTable>> open)
    {
        var tensors = ImmutableArray.CreateBuilder<WeightsTensor>();
        foreach (var shard in places.GroupBy(p => p.File, StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, shard.Key);
            if (!File.Exists(path))
                throw new DataException($"{shard.Count()} tensors are in {path}, which is not there");
            var found = open(path)
                .SelectMany(t => t.Tensors)
                .DistinctBy(t => t.Name)
                .ToDictionary(t => t.Name, StringComparer.Ordinal);
            var absent = shard.Select(s => s.Tensor).Where(t => !found.ContainsKey(t)).ToImmutableArray();
            if (!absent.IsEmpty)
                throw new DataException($"{path} lacks what the index promises: {WeightsCoverage.Listed(absent)}");
            tensors.AddRange(shard.Select(s => found[s.Tensor]));
        }
        return new("", tensors.ToImmutable());
    }
}
