using System.Collections.Concurrent;
using Mtlc.Compiler.Recipes;

namespace Mtlc.Runtime.Data.Samples;

/// <summary>A source whose samples cost more to make than to keep: keeps those that fit into its memory, for the epochs to
/// come.</summary>
/// <param name="source">Must give the same sample each time; readers must not write into its arrays.</param>
/// <param name="capacity">Bytes of samples that are kept; what comes after is made anew each time.</param>
public sealed class RememberedSource(IDataSource source, long capacity) : IDataSource
{
    readonly ConcurrentDictionary<(Split, int), Sample> kept = new();
    long bytes;

    public DataContract Contract => source.Contract;

    public int Count(Split split) => source.Count(split);

    public string Name(Split split, int index) => source.Name(split, index);

    public void RequireLabels(Split split) => source.RequireLabels(split);

    // What the map is made of may be kept.
    public float[] ReadMap(string map, Split split, int index, Sample sample) =>
        source.ReadMap(map, split, index, sample.Depth is null ? Read(split, index) : sample);

    public Sample ReadPicture(Split split, int index) => source.ReadPicture(split, index);

    public Sample Read(Split split, int index)
    {
        if (kept.TryGetValue((split, index), out var known))
            return known;
        var sample = source.Read(split, index);
        var size = sample.Rgb.LongLength + (sample.Classes?.LongLength ?? 0) + sizeof(float) * (sample.Depth?.LongLength ?? 0);
        if (Interlocked.Add(ref bytes, size) <= capacity)
            kept.TryAdd((split, index), sample);
        else
            Interlocked.Add(ref bytes, -size);
        return sample;
    }
}
