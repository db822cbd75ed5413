using System.IO.Hashing;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>
/// The records of a zip archive as PyTorch writes it: stored (not compressed), below 4 GB, all in one folder. Sizes, offsets,
/// names and checksums are checked; nothing is unpacked, each record is a window on the file. </summary>
static class ZipRecords
{
    const uint EndOfDirectory = 0x06054b50,
        DirectoryEntry = 0x02014b50,
        LocalHeader = 0x04034b50;

    /// <param name="contents">Whether the checksums of storages (data/0, ...) are compared too, for which all of the file is
    /// read.</param>
    /// <returns>Records by path without the common folder: "data.pkl", "data/0", "version".</returns>
    /// <exception cref="DataException">It is truncated, damaged, compressed or has paths that no archive of tensors
    /// has.</exception>
    public static Dictionary<string, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> file, bool contents)
    {
        var (count, start) = FindDirectory(file);
        var cursor = new ByteCursor(file, start);
        var records = new Dictionary<string, ReadOnlyMemory<byte>>(count);
        string? folder = null;
        for (var i = 0; i < count; i++)
        {
            var (path, content) = ReadEntry(file, cursor, contents);
            var slash = path.IndexOf('/');
            if (
                slash <= 0
                || path.Contains('\\')
                || path.Contains('\0')
                || path.Split('/') is var words && (words.Contains("..") || words.Contains(""))
            )
                throw new DataException($"the archive has a record with the path '{path}', which torch.save does not write");
            folder ??= path[..slash];
            if (path[..slash] != folder)
                throw new DataException(
                    $"the archive has records in two folders, '{folder}' and '{path[..slash]}', and torch.save writes one"
                );
            if (path.StartsWith(folder + "/code/", StringComparison.Ordinal))
                continue; // TorchScript's text of the network, beside its tensors
            if (!records.TryAdd(path[(slash + 1)..], content))
                throw new DataException($"the archive has two records with the path '{path}'");
        }
        return records;
    }

    static (int Count, int Start) FindDirectory(ReadOnlyMemory<byte> file)
    {
        // The end record is the last 22 bytes: torch.save writes no comment behind it.
        if (file.Length < 22)
            throw new DataException("the archive is truncated");
        var end = new ByteCursor(file, file.Length - 22);
        if (end.UInt32() != EndOfDirectory)
            throw new DataException("the archive is truncated: it does not end with a zip directory");
        end.Take(6);
        var (count, size, start) = (end.UInt16(), end.UInt32(), end.UInt32());
        if (count == ushort.MaxValue || start == uint.MaxValue)
            throw new DataException("the archive has more than 65,534 records or 4 GB, which no encoder needs");
        if (start + (long)size > file.Length)
            throw new DataException("the archive is damaged: its directory lies outside the file");
        return (count, (int)start);
    }

    static (string Path, ReadOnlyMemory<byte> Content) ReadEntry(ReadOnlyMemory<byte> file, ByteCursor cursor, bool contents)
    {
        if (cursor.UInt32() != DirectoryEntry)
            throw new DataException("the archive is damaged: its directory has fewer records than it says");
        cursor.Take(4);
        var flags = cursor.UInt16();
        var method = cursor.UInt16();
        cursor.Take(4);
        var (checksum, packed, size) = (cursor.UInt32(), cursor.UInt32(), cursor.UInt32());
        var (nameLength, extraLength, commentLength) = (cursor.UInt16(), cursor.UInt16(), cursor.UInt16());
        cursor.Take(8);
        var offset = cursor.UInt32();
        var path = cursor.Utf8(nameLength);
        cursor.Take(extraLength + commentLength);
        if (path.Contains("/code/", StringComparison.Ordinal))
            return (path, default);
        if (method != 0 || packed != size || (flags & 1) != 0)
            throw new DataException(
                $"record '{path}' of the archive is compressed or encrypted, and torch.save stores records as they are"
            );
        if (offset >= file.Length)
            throw new DataException($"record '{path}' of the archive lies outside the file");

        var local = new ByteCursor(file, (int)offset);
        if (local.UInt32() != LocalHeader)
            throw new DataException($"record '{path}' of the archive is not where the directory says");
        local.Take(22);
        var (localName, localExtra) = (local.UInt16(), local.UInt16());
        local.Take(localName + localExtra);
        var content = local.Take(size);
        if ((contents || !path.Contains("/data/", StringComparison.Ordinal)) && Crc32.HashToUInt32(content.Span) != checksum)
            throw new DataException($"record '{path}' of the archive is damaged: its checksum differs");
        return (path, content);
    }
}
