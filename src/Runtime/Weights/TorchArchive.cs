using System.Buffers.Binary;
using System.Collections.Immutable;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>The tensors of one dictionary, or of one network, in a file.</summary>
/// <param name="Place">Where it lies: "" for the whole file, "state_dict", "ema.shadow".</param>
public sealed record StoredTable(string Place, ImmutableArray<StoredTensor> Tensors);

/// <summary>
/// Reads the tensors of a `.pth` file: what `torch.save` has written since PyTorch 1.6 (a zip archive) and before it (pickles,
/// then storages). The pickle is read as data, see <see cref="Pickle"/>; nothing in the file is ever executed. </summary>
public static class TorchArchive
{
    // The magic number 0x1950a86a20f9469cfc6c: the first pickle of every file before PyTorch 1.6.
    static ReadOnlySpan<byte> LegacyMagic => [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    static ReadOnlySpan<byte> ZipMagic => "PK\x03\x04"u8;

    // An opcode that no protocol below 2 has, and how protocol 1 begins an integer.
    static bool BeginsPickle(ReadOnlySpan<byte> file) =>
        file is [0x80, >= 1 and <= 5, ..] or [(byte)'L', >= (byte)'0' and <= (byte)'9', ..];

    /// <summary>Whether a file that starts so is one of `torch.save`.</summary>
    public static bool Begins(ReadOnlySpan<byte> file) => file.StartsWith(ZipMagic) || BeginsPickle(file);

    /// <param name="contents">Whether the tensors' numbers will be read: without, names and shapes are all that was looked
    /// at.</param>
    /// <returns>Every table of tensors in the file, in the file's order; at least one.</returns>
    /// <exception cref="DataException">The file is truncated, damaged, or holds no named tensors, or what no file of tensors
    /// holds.</exception>
    public static ImmutableArray<StoredTable> Read(ReadOnlyMemory<byte> file, bool contents = true)
    {
        if (file.Span.StartsWith(ZipMagic))
            return ReadZip(file, contents);
        if (BeginsPickle(file.Span))
            return ReadLegacy(file);
        throw new DataException($"this is {ForeignFormats.Describe(file.Span[..Math.Min(file.Length, 512)])}");
    }

    static ImmutableArray<StoredTable> ReadZip(ReadOnlyMemory<byte> file, bool contents)
    {
        var records = ZipRecords.Read(file, contents);
        if (records.TryGetValue("byteorder", out var order) && !order.Span.SequenceEqual("little"u8))
            throw new DataException("the archive was written on a big-endian machine; save it again on a little-endian one");
        if (!records.TryGetValue("data.pkl", out var pickle))
            throw new DataException("the archive has no record data.pkl: it was not written by torch.save");
        return Tables(
            Pickle.Read(new ByteCursor(pickle)),
            storage =>
                records.TryGetValue($"data/{storage.Key}", out var bytes)
                    ? bytes
                    : throw new DataException($"the archive has no record data/{storage.Key}")
        );
    }

    // magic, protocol version, system, the object, the storages' keys: five pickles; then each storage as a count and its
    // elements.
    static ImmutableArray<StoredTable> ReadLegacy(ReadOnlyMemory<byte> file)
    {
        var cursor = new ByteCursor(file);
        if (Pickle.Read(cursor) is not byte[] magic || !magic.AsSpan().SequenceEqual(LegacyMagic))
            throw new DataException("this is a pickle, but no file of torch.save: it does not start with PyTorch's magic number");
        if (Pickle.Read(cursor) is not 1001L)
            throw new DataException("the file has a protocol version other than PyTorch's 1001");
        if (
            Pickle.Read(cursor) is PickleDictionary system
            && system.Items.TryGetValue("little_endian", out var little)
            && little is not true
        )
            throw new DataException("the file was written on a big-endian machine; save it again on a little-endian one");
        var root = Pickle.Read(cursor, out var referred);
        if (Pickle.Read(cursor) is not PickleList keys || !keys.All(k => k is string))
            throw new DataException("the file has no list of storages behind its tensors");

        // The same storage may be looked at as elements of several types; what was written counts those of its first mention.
        var types = referred.ToLookup(s => s.Key);
        var storages = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var key in keys.Cast<string>())
        {
            var count = BinaryPrimitives.ReadInt64LittleEndian(cursor.Take(8).Span);
            if (types[key].FirstOrDefault() is not { } storage)
                throw new DataException($"storage '{key}' belongs to nothing in the file");
            if (count < 0 || count > int.MaxValue)
                throw new DataException($"storage '{key}' says that it has {count} elements");
            storages[key] = cursor.Take(count * storage.Type.Size());
        }
        return Tables(
            root,
            storage =>
                storages.TryGetValue(storage.Key, out var bytes)
                    ? bytes
                    : throw new DataException($"the file has no storage '{storage.Key}'")
        );
    }

    static ImmutableArray<StoredTable> Tables(object? root, Func<StorageReference, ReadOnlyMemory<byte>> find)
    {
        ImmutableArray<StoredTable> tables =
        [
            .. TensorTables
                .In(root)
                .Select(table => new StoredTable(table.Place, [.. table.Tensors.Select(t => Tensor(t.Name, t.Tensor, find))])),
        ];
        return tables.Length > 0
            ? tables
            : throw new DataException(
                $"the file holds no named tensors, but {Described(root)}; save them with torch.save(model.state_dict(), path)"
            );
    }

    static string Described(object? value) =>
        value switch
        {
            TensorReference => "one tensor without a name",
            PickleDictionary { Items: { Count: > 0 } items } =>
                $"a dictionary of {string.Join(", ", items.Take(3).Select(i =>
            $"{(i.Key is string name ? $"'{(name.Length > 40 ? name[..40] + "..." : name)}'" : "a key")}: {Kind(i.Value)}"))}{(items.Count > 3 ? ", ..." : "")}",
            _ => Kind(value),
        };

    static string Kind(object? value) =>
        value switch
        {
            null => "nothing",
            PickleObject thing => thing.Type.ToString(),
            PickleGlobal name => $"the name {name}",
            PickleDictionary => "a dictionary",
            PickleList => "a list",
            PickleTuple => "a tuple",
            string => "a text",
            TensorReference or UnreadableTensor => "a tensor",
            PickleBytes => "bytes",
            _ => "a number",
        };

    static StoredTensor Tensor(string name, object value, Func<StorageReference, ReadOnlyMemory<byte>> find)
    {
        if (value is not TensorReference tensor)
            return StoredTensor.Unreadable(name, ((UnreadableTensor)value).What);
        var (storage, size) = (tensor.Storage, tensor.Storage.Type.Size());
        var bytes = find(storage);
        if (bytes.Length != (Int128)storage.Count * size)
            throw new DataException(
                $"the storage of tensor '{name}' has {bytes.Length} bytes, and {storage.Count} elements of {size} bytes "
                    + $"are announced"
            );
        var window = bytes.Slice((int)storage.ViewOffset * size, (int)storage.ViewCount * size);
        return StoredTensor.Create(name, storage.Type, tensor.Dimensions, tensor.Strides, tensor.Offset, window);
    }
}
