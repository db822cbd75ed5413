using System.Buffers.Binary;
using Mtlc.Runtime.Data;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// Reads the tensors of a `.pth` file: what `torch.save` has written since PyTorch 1.6 (a zip archive) and before it (pickles, then
/// storages). The pickle is read as data, see <see cref="Pickle"/>; nothing in the file is ever executed.
/// </summary>
public static class TorchArchive
{
    // The magic number 0x1950a86a20f9469cfc6c as a pickle: the first bytes of every file before PyTorch 1.6.
    private static ReadOnlySpan<byte> LegacyMagic => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    private static ReadOnlySpan<byte> ZipMagic => "PK\x03\x04"u8;

    /// <param name="contents">Whether the tensors' numbers will be read: without, names and shapes are all that was looked at.</param>
    /// <returns>The tensors in the file's order. Where the file holds a checkpoint, those of its `state_dict` (or `model`).</returns>
    /// <exception cref="DataException">The file is truncated, damaged, or holds anything but tensors.</exception>
    public static IReadOnlyList<StoredTensor> Read(ReadOnlyMemory<byte> file, bool contents = true)
    {
        if (file.Span.StartsWith(ZipMagic))
            return ReadZip(file, contents);
        if (file.Span.StartsWith(LegacyMagic))
            return ReadLegacy(file);
        throw new DataException("this is no file of torch.save: it starts neither as a zip archive nor with PyTorch's magic number");
    }

    private static IReadOnlyList<StoredTensor> ReadZip(ReadOnlyMemory<byte> file, bool contents)
    {
        var records = ZipRecords.Read(file, contents);
        if (records.TryGetValue("byteorder", out var order) && !order.Span.SequenceEqual("little"u8))
            throw new DataException("the archive was written on a big-endian machine; save it again on a little-endian one");
        if (!records.TryGetValue("data.pkl", out var pickle))
            throw new DataException(records.ContainsKey("constants.pkl")
                ? "the archive is a TorchScript program; save the weights alone with torch.save(model.state_dict(), path)"
                : "the archive has no record data.pkl: it was not written by torch.save");
        return Tensors(Pickle.Read(new ByteCursor(pickle)), storage =>
            records.TryGetValue($"data/{storage.Key}", out var bytes) ? bytes : throw new DataException($"the archive has no record data/{storage.Key}"));
    }

    // magic, protocol version, system, the object, the storages' keys: five pickles; then each storage as a count and its elements.
    private static IReadOnlyList<StoredTensor> ReadLegacy(ReadOnlyMemory<byte> file)
    {
        var cursor = new ByteCursor(file, LegacyMagic.Length);
        if (Pickle.Read(cursor) is not 1001L)
            throw new DataException("the file has a protocol version other than PyTorch's 1001");
        if (Pickle.Read(cursor) is PickleDictionary system && system.Items.TryGetValue("little_endian", out var little) && little is not true)
            throw new DataException("the file was written on a big-endian machine; save it again on a little-endian one");
        var root = Pickle.Read(cursor);
        if (Pickle.Read(cursor) is not PickleList keys || !keys.All(k => k is string))
            throw new DataException("the file has no list of storages behind its tensors");

        var types = Roots(root).SelectMany(d => d.Items.Values).OfType<TensorReference>().ToLookup(t => t.Storage.Key, t => t.Storage);
        var storages = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var key in keys.Cast<string>())
        {
            var count = BinaryPrimitives.ReadInt64LittleEndian(cursor.Take(8).Span);
            // Of a storage that no tensor of the state dict reads, the width of an element is unknown, and so is where the next begins.
            if (types[key].FirstOrDefault() is not { } storage)
                throw new DataException($"storage '{key}' belongs to nothing that is read; save the weights alone with torch.save(model.state_dict(), path)");
            if (count < 0 || count > int.MaxValue)
                throw new DataException($"storage '{key}' says that it has {count} elements");
            storages[key] = cursor.Take(count * storage.Type.Size());
        }
        return Tensors(root, storage =>
            storages.TryGetValue(storage.Key, out var bytes) ? bytes : throw new DataException($"the file has no storage '{storage.Key}'"));
    }

    private static StoredTensor[] Tensors(object? root, Func<StorageReference, ReadOnlyMemory<byte>> find)
    {
        var dictionary = Roots(root).FirstOrDefault(d => d.Items.Values.Any(v => v is TensorReference))
            ?? throw new DataException("the file holds no named tensors; save them with torch.save(model.state_dict(), path)");
        return
        [
            .. dictionary.Items.Where(i => i is { Key: string, Value: TensorReference }).Select(i => Tensor((string)i.Key, (TensorReference)i.Value!, find)),
        ];
    }

    // The dictionaries in which a state dict is looked for: the object itself, and where a checkpoint customarily has it.
    private static IEnumerable<PickleDictionary> Roots(object? root)
    {
        if (root is not PickleDictionary outer)
            yield break;
        yield return outer;
        foreach (var key in (string[])["state_dict", "model"])
        {
            if (outer.Items.TryGetValue(key, out var value) && value is PickleDictionary inner)
                yield return inner;
        }
    }

    private static StoredTensor Tensor(string name, TensorReference tensor, Func<StorageReference, ReadOnlyMemory<byte>> find)
    {
        var (storage, size) = (tensor.Storage, tensor.Storage.Type.Size());
        var bytes = find(storage);
        if (bytes.Length != (Int128)storage.Count * size)
            throw new DataException($"the storage of tensor '{name}' has {bytes.Length} bytes, and {storage.Count} elements of {size} bytes are announced");
        var window = bytes.Slice((int)storage.ViewOffset * size, (int)storage.ViewCount * size);
        return StoredTensor.Create(name, storage.Type, tensor.Dimensions, tensor.Strides, tensor.Offset, window);
    }
}
