using System.Buffers;
using static TorchSharp.torch;

namespace Mtlc.Runtime.Checkpoints;

/// <summary>The memory of a contiguous tensor on the CPU, in parts that a span can address.</summary>
static class TensorBytes
{
    const int Part = 1 << 24;

    public static IEnumerable<Memory<byte>> Of(Tensor tensor)
    {
        var total = tensor.numel() * tensor.ElementSize;
        for (var offset = 0L; offset < total; offset += Part)
        {
            using var owner = new Window(tensor, offset, (int)Math.Min(Part, total - offset));
            yield return owner.Memory;
        }
        GC.KeepAlive(tensor);
    }

    sealed unsafe class Window(Tensor tensor, long offset, int length) : MemoryManager<byte>
    {
        // The bytes of a one-element view give the address; TorchSharp's own span stops at 2 GiB.
        readonly byte* start = Address(tensor) + offset;

        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }

        static byte* Address(Tensor tensor)
        {
            using var flat = tensor.detach();
            using var line = flat.view(-1);
            using var first = line.narrow(0, 0, 1);
            fixed (byte* address = first.bytes)
                return address;
        }
    }
}
