using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>One tensor of a file: where its bytes lie behind the header.</summary>
sealed record SafeTensorsEntry(string Name, TensorType DType, long[] Shape, long Offset, long Length);

/// <summary>
/// The header: 8 bytes of length, then JSON. Read as from an enemy: nothing is believed before it has been compared with the
/// file's size, and the data must be covered exactly, without gap or overlap, as the format demands. </summary>
sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    const int LargestHeader = 100_000_000; // the limit of the reference implementation
    const int MostDimensions = 16;

    /// <summary>Reads and checks it; the stream then stands at the first byte of data.</summary>
    /// <returns>The header, and the bytes that were read.</returns>
    /// <exception cref="RunException">It is not a header, or promises what the file does not hold.</exception>
    public static (SafeTensorsHeader Header, byte[] Bytes) Read(Stream file, string path)
    {
        if (file.Length < 8)
            throw Damaged($"{file.Length} bytes are too few for a safetensors file");
        var start = new byte[8];
        file.ReadExactly(start);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > LargestHeader || length > (ulong)file.Length - 8)
            throw Damaged(
                $"not a safetensors file, or truncated: it promises a header of {length} bytes and has {file.Length} in all"
            );
        var bytes = new byte[8 + (int)length];
        start.CopyTo(bytes, 0);
        file.ReadExactly(bytes.AsSpan(8));
        try
        {
            return (Parse(bytes.AsSpan(8), file.Length - bytes.Length), bytes);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            throw Damaged($"its header is damaged: {e.Message}", e);
        }

        RunException Damaged(string what, Exception? inner = null) => new($"{path}: {what}", inner);
    }

    static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        if (json.IsEmpty || json[0] != '{')
            throw new FormatException("it does not begin with {");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        var entries = new List<SafeTensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
                throw new FormatException($"'{name}' occurs twice");
            if (name == "__metadata__")
                ReadMetadata(ref reader, metadata);
            else
                entries.Add(ReadEntry(ref reader, name));
        }
        while (reader.Read())
            throw new FormatException("there is text behind it");
        entries.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length.CompareTo(b.Length));
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Offset != end)
                throw new FormatException($"'{entry.Name}' begins at byte {entry.Offset} of the data, where {end} was expected");
            end += entry.Length;
            if (end > dataLength)
                throw new FormatException($"'{entry.Name}' ends at byte {end} of the data, and there are {dataLength}");
        }
        return end == dataLength
            ? new(entries, metadata)
            : throw new FormatException($"it describes {end} bytes of data, and there are {dataLength}");
    }

    static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String);
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new FormatException($"metadata '{key}' occurs twice");
        }
    }

    static SafeTensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        TensorType? type = null;
        long[]? shape = null,
            offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (reader.GetString())
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String);
                    var word = reader.GetString()!;
                    type = Enum.GetNames<TensorType>().Contains(word)
                        ? Enum.Parse<TensorType>(word)
                        : throw new FormatException(
                            $"'{name}' has the element type {word}; known are {string.Join(", ", Enum.GetNames<TensorType>())}"
                        );
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name);
                    break;
                case var other:
                    throw new FormatException($"'{name}' has an unknown or repeated property '{other}'");
            }
        }
        if (type is null || shape is null || offsets is not [var from, var to] || to < from)
            throw new FormatException($"'{name}' lacks its dtype, shape or data_offsets");
        var length = checked(shape.Aggregate(1L, (product, size) => checked(product * size)) * type.Value.Size());
        return length == to - from
            ? new(name, type.Value, shape, from, length)
            : throw new FormatException(
                $"'{name}' has {to - from} bytes, where [{string.Join(", ", shape)}] of {type} takes {length}"
            );
    }

    static long[] ReadNumbers(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (
                reader.TokenType != JsonTokenType.Number
                || !reader.TryGetInt64(out var number)
                || number < 0
                || numbers.Count == MostDimensions
            )
                throw new FormatException(
                    $"'{name}' has a size or offset that is no natural number, or more than {MostDimensions} of them"
                );
            numbers.Add(number);
        }
        return [.. numbers];
    }

    static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new FormatException($"{type} was expected at byte {reader.TokenStartIndex}, not {reader.TokenType}");
    }

    /// <summary>The bytes of a header for tensors that follow it in this order, padded so that the data lie at a multiple of
    /// 8.</summary>
    public static byte[] Encode(
        IEnumerable<(string Name, TensorType DType, long[] Shape)> tensors,
        IReadOnlyDictionary<string, string>? metadata
    )
    {
        var json = new MemoryStream();
        using (
            var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
        )
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            var (offset, names) = (0L, new HashSet<string>(StringComparer.Ordinal) { "__metadata__" });
            foreach (var (name, type, shape) in tensors)
            {
                if (!names.Add(name))
                    throw new ArgumentException($"two tensors are called {name}");
                writer.WriteStartObject(name);
                writer.WriteString("dtype", type.ToString());
                writer.WriteStartArray("shape");
                foreach (var size in shape)
                    writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += shape.Aggregate(1L, (product, size) => product * size) * type.Size());
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        json.Write(Encoding.ASCII.GetBytes(new string(' ', (int)((8 - json.Length % 8) % 8))));
        var bytes = new byte[8 + json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.ToArray().CopyTo(bytes, 8);
        return bytes;
    }
}
