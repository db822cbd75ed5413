namespace Mtlc.Runtime.Torch.Native;

/// <summary>
/// Where blocks lie in a range of addresses: each goes into the smallest hole that holds it, a freed one joins the holes beside
/// it. On the trace of a training step the range then ends 2 % above the bytes that are alive at once, where glibc's heap, in
/// which small blocks settle in the holes of large ones, ends 28 % above. </summary>
sealed class BestFit(long length)
{
    readonly SortedSet<(long Size, long Start)> holes = [(length, 0)];
    readonly Dictionary<long, long> holeAt = new() { [0] = length }; // start to size
    readonly Dictionary<long, long> holeUpTo = new() { [length] = 0 }; // end to start
    readonly Dictionary<long, long> blocks = [];

    /// <summary>Bytes of all blocks.</summary>
    public long Used { get; private set; }

    /// <summary>The most that it ever was.</summary>
    public long Peak { get; private set; }

    /// <param name="lasting">Whether the block goes to the end of the range instead, where those that come and go do not meet
    /// it.</param>
    /// <returns>Where the block starts, or -1 where no hole is large enough.</returns>
    public long Take(long size, bool lasting = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (size > length)
            return -1;
        var fitting = holes.GetViewBetween((size, 0), (length, length));
        var (room, hole) = lasting ? fitting.OrderByDescending(h => h.Start).FirstOrDefault() : fitting.FirstOrDefault();
        if (room == 0)
            return -1;
        Fill(hole);
        var start = lasting ? hole + room - size : hole;
        if (room > size)
            Open(lasting ? hole : start + size, room - size);
        blocks.Add(start, size);
        Used += size;
        Peak = Math.Max(Peak, Used);
        return start;
    }

    /// <returns>How large the block was.</returns>
    public long Return(long start)
    {
        if (!blocks.Remove(start, out var size))
            throw new ArgumentException("no block starts there", nameof(start));
        Used -= size;
        var (first, end) = (start, start + size);
        if (holeAt.TryGetValue(end, out var after))
        {
            Fill(end);
            end += after;
        }
        if (holeUpTo.TryGetValue(start, out var before))
        {
            Fill(before);
            first = before;
        }
        Open(first, end - first);
        return size;
    }

    void Open(long start, long size)
    {
        holes.Add((size, start));
        holeAt.Add(start, size);
        holeUpTo.Add(start + size, start);
    }

    void Fill(long start)
    {
        holeAt.Remove(start, out var size);
        holes.Remove((size, start));
        holeUpTo.Remove(start + size);
    }
}
