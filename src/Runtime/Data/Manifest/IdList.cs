using System.Buffers;
using System.IO.Hashing;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using Mtlc.Runtime.Data.Images;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Data.Manifest;

/// <summary>
/// The ids of a split: a text file, one id a line, that stays on disk. In memory are the places of at most
/// <see cref="MostPlaces"/> lines, evenly spaced, however long the file is; an id is read by going on from the last place before
/// it. UTF-8, blank lines and spaces around an id mean nothing. Reading is safe from any thread. </summary>
sealed class IdList
{
    /// <summary>A path is never so long; what has longer lines is no list of ids.</summary>
    public const int LongestLine = 1 << 16;

    const int MostPlaces = 4096,
        FewestBetween = 16,
        MostHashes = 1 << 21;

    readonly string path;
    readonly SafeFileHandle file;
    readonly long length;
    readonly DateTime written;
    readonly List<long> places = [];
    int between = FewestBetween;

    /// <summary>Reads the file once, or once for every two million ids: nothing else finds an id that stands there twice in
    /// constant memory.</summary>
    /// <exception cref="DataException">It is missing or unreadable, has an id twice, or is no text of such lines.</exception>
    public IdList(string path)
    {
        this.path = path;
        (file, length, written) = DataFile.Naming(
            path,
            () =>
            {
                // Whoever edits the list meanwhile is told of, not locked out.
                var opened = RegularFile.OpenHandle(path, FileShare.ReadWrite | FileShare.Delete);
                return (opened, RandomAccess.GetLength(opened), File.GetLastWriteTimeUtc(opened));
            }
        );
        foreach (var line in Lines(0, length))
        {
            if (!Utf8.IsValid(line.Id.Span))
                throw new DataException($"{path}: line {line.Number} is not UTF-8");
            if (Count % between == 0)
                Remember(line.Start);
            Count = Count < int.MaxValue ? Count + 1 : throw new DataException($"{path}: more than {int.MaxValue} ids");
        }
        RequireDistinct();
    }

    public int Count { get; }

    /// <exception cref="DataException">The file was changed since the list was opened.</exception>
    public string this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var (place, further) = Math.DivRem(index, between);
            var end = place + 1 < places.Count ? places[place + 1] : length;
            var id = Lines(places[place], end)
                .Skip(further)
                .Select(line => Encoding.UTF8.GetString(line.Id.Span))
                .FirstOrDefault();
            var unchanged = DataFile.Naming(
                path,
                () => RandomAccess.GetLength(file) == length && File.GetLastWriteTimeUtc(file) == written
            );
            return unchanged && id is not null ? id : throw Changed();
        }
    }

    // The places of ids 0, between, 2 between, ...: where they become too many, every second goes.
    void Remember(long start)
    {
        places.Add(start);
        if (places.Count <= MostPlaces)
            return;
        for (var i = 0; 2 * i < places.Count; i++)
            places[i] = places[2 * i];
        places.RemoveRange((places.Count + 1) / 2, places.Count / 2);
        between *= 2;
    }

    // Equal ids have equal hashes. A pass collects the hashes of one part of all ids, so that they take 16 MB however many there
    // are.
    void RequireDistinct()
    {
        var parts = (ulong)(Count / MostHashes + 1);
        var hashes = new List<ulong>(Math.Min(Count, MostHashes));
        for (var part = 0ul; part < parts; part++)
        {
            hashes.Clear();
            foreach (var line in Lines(0, length))
                if (XxHash3.HashToUInt64(line.Id.Span) is var hash && hash % parts == part)
                    hashes.Add(hash);
            hashes.Sort();
            for (var i = 1; i < hashes.Count; i++)
                if (hashes[i] == hashes[i - 1])
                    RequireDistinct(hashes[i]);
        }
    }

    void RequireDistinct(ulong hash)
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (_, number, bytes) in Lines(0, length).Where(line => XxHash3.HashToUInt64(line.Id.Span) == hash))
        {
            var id = Encoding.UTF8.GetString(bytes.Span);
            if (!seen.TryAdd(id, number))
                throw new DataException($"{path}: the id '{id}' stands there twice, in lines {seen[id]} and {number}");
        }
    }

    /// <summary>The ids between two places. A line's bytes hold until the next is asked for; its number counts from the first
    /// place, blank ones too.</summary>
    IEnumerable<(long Start, long Number, ReadOnlyMemory<byte> Id)> Lines(long from, long to)
    {
        var size = (int)Math.Min(LongestLine, to - from);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (
                from == 0
                && to >= 3
                && Read(buffer.AsMemory(0, 3), 0) == 3
                && buffer.AsSpan(0, 3).SequenceEqual(Encoding.UTF8.Preamble)
            )
                from = 3;
            var (held, number) = (0, 0L);
            while (from < to)
            {
                var read = Read(buffer.AsMemory(held, (int)Math.Min(size - held, to - from - held)), from + held);
                if (read == 0)
                    throw held == size
                        ? new DataException($"{path}: line {number + 1} is longer than {LongestLine} bytes")
                        : Changed();
                held += read;
                var isLast = from + held == to;
                var used = 0;
                while (used < held)
                {
                    var end = buffer.AsSpan(used, held - used).IndexOf((byte)'\n');
                    if (end < 0 && !isLast)
                        break;
                    var next = end < 0 ? held : used + end + 1;
                    var id = ((ReadOnlyMemory<byte>)buffer.AsMemory(used, next - used)).Trim(" \t\r\n\v\f"u8);
                    number++;
                    if (id.Length > 0)
                        yield return (from + used, number, id);
                    used = next;
                }
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                (from, held) = (from + used, held - used);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    int Read(Memory<byte> bytes, long at) => DataFile.Naming(path, () => RandomAccess.Read(file, bytes.Span, at));

    DataException Changed() => new($"{path}: was changed since it was opened; start again, which reads it anew");
}
