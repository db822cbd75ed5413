using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Weights;

/// <summary>A tensor as a weights file has it: a view of the file's bytes, converted only when asked for.</summary>
public sealed record StoredTensor
{
    StoredTensor(
        string name,
        ElementType type,
        ImmutableArray<long> dimensions,
        ImmutableArray<long> strides,
        long offset,
        ReadOnlyMemory<byte> storage
    ) => (Name, Type, Dimensions, Strides, Offset, Storage) = (name, type, dimensions, strides, offset, storage);

    /// <summary>Its state-dict name.</summary>
    public string Name { get; }

    public ElementType Type { get; }

    /// <summary>Its shape; empty for a scalar.</summary>
    public ImmutableArray<long> Dimensions { get; }

    /// <summary>In elements, one a dimension.</summary>
    public ImmutableArray<long> Strides { get; }

    /// <summary>Of the first element, in elements.</summary>
    public long Offset { get; }

    /// <summary>Little-endian elements; <see cref="Create"/> has checked that every index lies within.</summary>
    public ReadOnlyMemory<byte> Storage { get; }

    /// <summary>Number of elements.</summary>
    public int Count { get; private init; }

    /// <summary>Why its elements are no weights: "sparse", "quantized", "complex"; null where they can be read.</summary>
    public string? Unfit { get; private init; }

    /// <summary>A tensor that is there, but no array of real numbers.</summary>
    public static StoredTensor Unreadable(string name, string what) =>
        new(name, ElementType.UInt8, [], [], 0, default) { Unfit = what };

    // A view with a stride of 0 (expand) has more elements than are stored. Without a limit one byte could stand for any number
    // of them.
    const int MostOfAView = 1 << 25;

    /// <exception cref="DataException">The view leaves its storage, or has so many more elements than it that PyTorch has not
    /// saved it from a network.</exception>
    public static StoredTensor Create(
        string name,
        ElementType type,
        ImmutableArray<long> dimensions,
        ImmutableArray<long> strides,
        long offset,
        ReadOnlyMemory<byte> storage
    )
    {
        var stored = storage.Length / type.Size();
        if (dimensions.Length != strides.Length || dimensions.Length > 16 || offset < 0)
            throw Refused("has a shape and strides that do not fit each other");
        Int128 count = 1,
            last = offset;
        for (var i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i] < 0 || strides[i] < 0)
                throw Refused("has a negative size or stride");
            count *= dimensions[i];
            last += (Int128)Math.Max(dimensions[i] - 1, 0) * strides[i];
            if (count > Math.Max(stored, stored == 0 ? 0 : MostOfAView))
                throw Refused($"has more elements than the {stored} that are stored");
        }
        if (count > 0 && last >= stored)
            throw Refused($"reaches past the {stored} elements that are stored");
        var unfit = type switch
        {
            ElementType.Complex64 or ElementType.Complex128 => "complex",
            ElementType.Quantized8 or ElementType.Quantized32 => "quantized",
            _ => null,
        };
        return new(name, type, dimensions, strides, offset, storage) { Count = (int)count, Unfit = unfit };

        DataException Refused(string what) =>
            new($"tensor '{name}' [{string.Join(", ", dimensions)}] {what}; the file is damaged or was not written by PyTorch");
    }

    /// <summary>Its elements in row-major order, as float32.</summary>
    /// <exception cref="DataException">They are no real numbers.</exception>
    public float[] ToFloats()
    {
        if (Unfit is not null)
            throw new DataException($"tensor '{Name}' is {Unfit}: a weight is a plain array of real numbers");
        var bytes = Storage.Span;
        var result = new float[Count];
        var size = Type.Size();
        if (Type == ElementType.Float32 && IsContiguous && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes.Slice(checked((int)(Offset * size)), Count * size)).CopyTo(result);
            return result;
        }
        for (var i = 0; i < result.Length; i++)
        {
            var element = bytes.Slice(checked((int)(Index(i) * size)), size);
            result[i] = Type switch
            {
                ElementType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(element),
                ElementType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
                ElementType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
                ElementType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(element) << 16),
                _ => Integer(element),
            };
        }
        return result;
    }

    /// <summary>Its elements in row-major order, as integers; fractions are cut.</summary>
    public long[] ToInt64s()
    {
        if (!Type.IsInteger())
            return Array.ConvertAll(ToFloats(), f => float.IsFinite(f) ? (long)f : 0);
        var bytes = Storage.Span;
        var result = new long[Count];
        var size = Type.Size();
        for (var i = 0; i < result.Length; i++)
            result[i] = Integer(bytes.Slice(checked((int)(Index(i) * size)), size));
        return result;
    }

    bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var d = Dimensions.Length - 1; d >= 0; d--)
            {
                if (Dimensions[d] != 1 && Strides[d] != expected)
                    return false;
                expected *= Dimensions[d];
            }
            return Count > 0;
        }
    }

    long Integer(ReadOnlySpan<byte> element) =>
        Type switch
        {
            ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(element),
            ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
            ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
            ElementType.Int8 => (sbyte)element[0],
            _ => element[0],
        };

    // The position in the storage of the i-th element in row-major order.
    long Index(int i)
    {
        long index = Offset,
            rest = i;
        for (var d = Dimensions.Length - 1; d >= 0; d--)
        {
            index += rest % Dimensions[d] * Strides[d];
            rest /= Dimensions[d];
        }
        return index;
    }

    public override string ToString() => $"{Name} [{string.Join(", ", Dimensions)}]";
}
