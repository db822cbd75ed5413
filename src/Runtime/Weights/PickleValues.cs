using System.Collections.Immutable;

namespace Mtlc.Runtime.Weights;

// What a pickle of tensors is made of, beside null, bool, long, double, string and byte[] (an integer of more than 8 bytes).

sealed record PickleTuple(ImmutableArray<object?> Items);

/// <summary>A list or a set.</summary>
sealed class PickleList : List<object?>;

sealed record PickleBytes(ReadOnlyMemory<byte> Content);

/// <summary>A dict, an OrderedDict or a defaultdict.</summary>
sealed class PickleDictionary
{
    public OrderedDictionary<object, object?> Items { get; } = [];

    public object? Find(string key) => Items.GetValueOrDefault(key);
}

/// <summary>The name of a class or function; a name only.</summary>
sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>An object of some class, which was not made: what the pickle says of it.</summary>
sealed class PickleObject(PickleGlobal type)
{
    public PickleGlobal Type { get; } = type;

    /// <summary>Where the class is a dictionary, too.</summary>
    public PickleDictionary Entries { get; } = new();

    /// <summary>Its attributes, mostly a dictionary.</summary>
    public object? State { get; set; }
}

/// <summary>Where a tensor's elements lie.</summary>
/// <param name="Key">Which storage of the archive.</param>
/// <param name="Count">Elements of that storage.</param>
/// <param name="ViewOffset">Elements to skip: before PyTorch 0.4 a storage could be a window on another.</param>
sealed record StorageReference(ElementType Type, string Key, long Count, long ViewOffset, long ViewCount);

sealed record TensorReference(
    StorageReference Storage,
    long Offset,
    ImmutableArray<long> Dimensions,
    ImmutableArray<long> Strides
);

/// <summary>A tensor whose numbers are no plain array.</summary>
/// <param name="What">"sparse", "quantized", "on the meta device".</param>
sealed record UnreadableTensor(string What);
