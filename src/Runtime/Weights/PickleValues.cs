using System.Collections.Immutable;

namespace Mtlc.Runtime.Weights;

// What a pickle of tensors is made of, beside null, bool, long, double, string and byte[] (an integer of more than 8 bytes).

internal sealed record PickleTuple(ImmutableArray<object?> Items);

internal sealed class PickleList : List<object?>;

/// <summary>A dict or OrderedDict; keys are strings and integers.</summary>
internal sealed class PickleDictionary
{
    public OrderedDictionary<object, object?> Items { get; } = [];
}

/// <summary>The name of a class or function; a name only.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>Where a tensor's elements lie.</summary>
/// <param name="Key">Which storage of the archive.</param>
/// <param name="Count">Elements of that storage.</param>
/// <param name="ViewOffset">Elements to skip: before PyTorch 0.4 a storage could be a window on another.</param>
internal sealed record StorageReference(ElementType Type, string Key, long Count, long ViewOffset, long ViewCount);

internal sealed record TensorReference(StorageReference Storage, long Offset, ImmutableArray<long> Dimensions, ImmutableArray<long> Strides);
