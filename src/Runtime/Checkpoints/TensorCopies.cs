using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>
/// Named tensors as they were at one moment, in memory that libtorch knows nothing of: any thread can write them while training
/// changes the originals. The memory is taken once, as much as the tensors have, and used again by each later copy. </summary>
public sealed class TensorCopies
{
    internal sealed record Copy(string Name, TensorType Type, long[] Shape, byte[][] Parts);

    /// <summary>Wide types first: in a file, every tensor then lies at a multiple of its element's size, which PyTorch's reader
    /// relies on.</summary>
    internal IReadOnlyList<Copy> All { get; private set; } = [];

    public static TensorCopies Of(IEnumerable<(string Name, Tensor Value)> tensors)
    {
        var copies = new TensorCopies();
        copies.Take(tensors);
        return copies;
    }

    /// <summary>Copies tensors of any device over what an earlier call copied.</summary>
    /// <exception cref="ArgumentException">A tensor's type cannot be stored.</exception>
    public void Take(IEnumerable<(string Name, Tensor Value)> tensors) =>
        All = [
            .. tensors
                .OrderByDescending(t => t.Value.ElementSize)
                .Select((t, i) => Take(t.Name, t.Value, i < All.Count ? All[i].Parts : [])),
        ];

    static Copy Take(string name, Tensor value, byte[][] room)
    {
        using var detached = value.detach();
        using var host = detached.cpu();
        using var dense = host.contiguous();
        return new(
            name,
            TensorTypes.FromTorch(dense.dtype),
            dense.shape,
            [.. TensorBytes.Of(dense).Select((part, i) => Take(part.Span, i < room.Length ? room[i] : []))]
        );
    }

    static byte[] Take(ReadOnlySpan<byte> part, byte[] room)
    {
        if (room.Length != part.Length)
            room = GC.AllocateUninitializedArray<byte>(part.Length);
        part.CopyTo(room);
        return room;
    }
}
