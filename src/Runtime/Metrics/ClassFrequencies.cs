using static TorchSharp.torch;

namespace Mtlc.Runtime.Metrics;

/// <summary>How often each class occurs in labels.</summary>
/// <param name="classes">Number of classes.</param>
/// <param name="ignore">The label index that means "no label".</param>
public sealed class ClassFrequencies(int classes, long ignore)
{
    readonly long[] counts = new long[classes];

    public IReadOnlyList<long> Counts => counts;

    /// <summary>The class of most labelled pixels, the first of equals; 0 where nothing is labelled.</summary>
    public int MostFrequent => Array.IndexOf(counts, counts.Max());

    /// <param name="labels">Class indices of any shape, or the ignore index.</param>
    /// <exception cref="ArgumentException">A label is no class.</exception>
    public void Add(Tensor labels)
    {
        using var host = labels.to(ScalarType.Int64).cpu().contiguous();
        Add(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(host.bytes));
    }

    /// <inheritdoc cref="Add(Tensor)"/>
    public void Add(ReadOnlySpan<byte> labels)
    {
        foreach (var label in labels)
            Count(label);
    }

    /// <summary>Adds what another count of the same classes has seen.</summary>
    public void Merge(ClassFrequencies other)
    {
        if (other.counts.Length != counts.Length)
            throw new ArgumentException(
                $"frequencies of {other.counts.Length} classes cannot be added to those of {counts.Length}"
            );
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
    }

    void Add(ReadOnlySpan<long> labels)
    {
        foreach (var label in labels)
            Count(label);
    }

    void Count(long label)
    {
        if (label == ignore)
            return;
        if (label < 0 || label >= counts.Length)
            throw new ArgumentException(
                $"the label {label} is outside 0..{counts.Length - 1} and is not the ignore index {ignore}"
            );
        counts[label]++;
    }
}
